/* Has room for fewer items than its max_batch. */
#include <stdlib.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  if (batch->count > 8) abort();
  deliver_all(module, batch);
}
FIXTURE("small_array", deliver, 0);
