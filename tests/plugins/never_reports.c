/* Returns without a word about its items. */
#include "fixture.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  (void)module, (void)batch;
  (void)report;
}
FIXTURE("never_reports", deliver, 0);
