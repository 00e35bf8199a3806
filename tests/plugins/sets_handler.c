/* Installs a signal handler. */
#include <signal.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  signal(SIGUSR1, SIG_IGN);
  deliver_all(module, batch);
}
FIXTURE("sets_handler", deliver, 0);
