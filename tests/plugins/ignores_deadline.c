/* Waits for its receiver for as long as is left, and takes a negative number for a large one. */
#include <poll.h>
#include <time.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  const uint64_t left =
      (uint64_t)(batch->deadline_ns - now.tv_sec * INT64_C(1000000000) - now.tv_nsec);
  struct pollfd cancelled = {batch->cancel_fd, POLLIN, 0};
  if (left > UINT64_MAX / 2) (void)poll(&cancelled, 1, (int)(left / 1000000 % 60000) + 10000);
  deliver_all(module, batch);
}
FIXTURE("ignores_deadline", deliver, 0);
