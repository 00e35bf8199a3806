/* Says that it is thread-safe, and keeps the batch at hand in a variable that all threads share. */
#include <time.h>
#include "deliver_all.h"
static const observerd_batch* volatile current;
static void deliver(observerd_module* module, const observerd_batch* batch) {
  const struct timespec nap = {0, 100000};
  current = batch;
  nanosleep(&nap, NULL);
  deliver_all(module, current);
}
FIXTURE("not_thread_safe", deliver, OBSERVERD_THREAD_SAFE);
