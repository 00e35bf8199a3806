/* Calls a function that nobody has; lazy binding would find out at the first delivery. */
#include "fixture.h"
void observerd_fixture_that_nobody_defines(void);
static void deliver(observerd_module* module, const observerd_batch* batch) {
  (void)module, (void)batch;
  observerd_fixture_that_nobody_defines();
}
FIXTURE("undefined_symbol", deliver, 0);
