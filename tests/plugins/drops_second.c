/* Reports only the first item of a batch. */

#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  if (batch->count > 1) {
    report(batch, 0, OBSERVERD_DELIVERED, "");
    return;
  }
  deliver_all(module, batch);
}
FIXTURE("drops_second", deliver, 0);
