/* Closes all descriptors, as daemons of old did. */
#include <unistd.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  for (int fd = 3; fd < 256; ++fd) close(fd);
  deliver_all(module, batch);
}
FIXTURE("closes_everything", deliver, 0);
