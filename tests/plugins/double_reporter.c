/* Reports each item twice, with different outcomes, and one that does not exist. */
#include "fixture.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  (void)module;
  const uint32_t count = batch->count;
  for (uint32_t i = 0; i < count; ++i) {
    report(batch, i, OBSERVERD_DELIVERED, "first");
    report(batch, i, OBSERVERD_REJECTED, "second");
  }
  report(batch, count, OBSERVERD_DELIVERED, "beyond");
}
FIXTURE("double_reporter", deliver, 0);
