/* Sits in deliver until the batch is cancelled, then reports CANCELLED. */
#include <poll.h>

#include "fixture.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  (void)module;
  struct pollfd cancelled = {batch->cancel_fd, POLLIN, 0};
  while (!batch->cancelled(batch)) (void)poll(&cancelled, 1, 10000);
  for (uint32_t i = 0; i < batch->count; ++i) report(batch, i, OBSERVERD_CANCELLED, "cancelled");
}
FIXTURE("hangs", deliver, 0);
