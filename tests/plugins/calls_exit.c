/* Ends the process, as though all were well. */
#include <stdlib.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  exit(0);
  deliver_all(module, batch);
}
FIXTURE("calls_exit", deliver, 0);
