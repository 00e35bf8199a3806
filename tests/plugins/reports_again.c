/* Reports the first item of each batch twice. */

#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  report(batch, 0, OBSERVERD_RETRY, "");
  deliver_all(module, batch);
}
FIXTURE("reports_again", deliver, 0);
