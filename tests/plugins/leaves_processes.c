/* A process that starts processes that start processes, none of which ends. */
#include <unistd.h>
#include "deliver_all.h"
static int begun;
static void deliver(observerd_module* module, const observerd_batch* batch) {
  if (!begun++ && fork() == 0) {
    for (int i = 0; i < 5; ++i) {
      if (fork() == 0) setsid();
    }
    for (;;) pause();
  }
  deliver_all(module, batch);
}
FIXTURE("leaves_processes", deliver, 0);
