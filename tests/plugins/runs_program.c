/* Replaces the process by another program. */
#include <unistd.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  execl("/bin/true", "true", (char*)NULL);
  deliver_all(module, batch);
}
FIXTURE("runs_program", deliver, 0);
