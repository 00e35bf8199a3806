/* Blocks a signal in the thread that calls it. */
#include <signal.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  deliver_all(module, batch);
}
FIXTURE("blocks_signal", deliver, 0);
