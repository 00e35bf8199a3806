/* Takes a cancelled wait for one to begin again, until the deadline. */
#include <time.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  struct timespec now, nap = {0, 1000000};
  do {
    nanosleep(&nap, NULL);
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while (batch->cancelled(batch) &&
           now.tv_sec * INT64_C(1000000000) + now.tv_nsec < batch->deadline_ns);
  deliver_all(module, batch);
}
FIXTURE("ignores_cancel", deliver, 0);
