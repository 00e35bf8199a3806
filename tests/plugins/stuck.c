/* Sits in deliver for ever, whatever the host says. */
#include <poll.h>

#include "fixture.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  (void)module, (void)batch, (void)report;
  for (;;) (void)poll(NULL, 0, -1);
}
FIXTURE("stuck", deliver, 0);
