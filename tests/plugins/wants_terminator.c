/* Takes texts for terminated strings. */
#include <stdlib.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  if (strlen(batch->items[0]->event_json.data) > 1000000) abort();
  deliver_all(module, batch);
}
FIXTURE("wants_terminator", deliver, 0);
