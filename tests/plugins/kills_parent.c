/* Ends its parent process. */
#include <signal.h>
#include <unistd.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  kill(getppid(), SIGKILL);
  deliver_all(module, batch);
}
FIXTURE("kills_parent", deliver, 0);
