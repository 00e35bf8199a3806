/* Reports an item that its batch does not have. */

#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  report(batch, batch->count, OBSERVERD_DELIVERED, "");
  deliver_all(module, batch);
}
FIXTURE("reports_beyond", deliver, 0);
