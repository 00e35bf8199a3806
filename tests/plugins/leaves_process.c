/* Leaves a process behind, out of reach of its group. */
#include <unistd.h>
#include "deliver_all.h"
static int begun;
static void deliver(observerd_module* module, const observerd_batch* batch) {
  if (!begun++ && fork() == 0) {
    setsid();
    for (;;) pause();
  }
  deliver_all(module, batch);
}
FIXTURE("leaves_process", deliver, 0);
