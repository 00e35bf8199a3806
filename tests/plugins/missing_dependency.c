/* Needs a library that is in no directory the loader searches. */
#include "deliver_all.h"
int fixture_dependency(void);
static void deliver(observerd_module* module, const observerd_batch* batch) {
  if (fixture_dependency()) deliver_all(module, batch);
}
FIXTURE("missing_dependency", deliver, 0);
