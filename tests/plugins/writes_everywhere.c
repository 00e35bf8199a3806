/* Writes to descriptors that are not its own. */
#include <unistd.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  for (int fd = 3; fd < 256; ++fd) {
    if (write(fd, "{\"result\":\"ok\"}", 15) < 0) continue;
  }
  deliver_all(module, batch);
}
FIXTURE("writes_everywhere", deliver, 0);
