/* Closes a descriptor that is not its own. */
#include <unistd.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  close(STDIN_FILENO);
  deliver_all(module, batch);
}
FIXTURE("closes_descriptor", deliver, 0);
