/* Sets an environment variable. */
#include <stdlib.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  setenv("OBSERVERD_FIXTURE", "1", 1);
  deliver_all(module, batch);
}
FIXTURE("sets_variable", deliver, 0);
