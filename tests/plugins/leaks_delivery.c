/* Keeps a copy of each event for ever. */
#include <stdlib.h>
#include "deliver_all.h"
static void* volatile last;
static void deliver(observerd_module* module, const observerd_batch* batch) {
  for (uint32_t i = 0; i < batch->count; ++i) {
    char* copy = malloc(batch->items[i]->event_json.len);
    if (copy != NULL)
      memcpy(copy, batch->items[i]->event_json.data, batch->items[i]->event_json.len);
    last = copy;
  }
  deliver_all(module, batch);
}
FIXTURE("leaks_delivery", deliver, 0);
