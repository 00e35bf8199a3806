/* Changes the working directory. */
#include <stdlib.h>
#include <unistd.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  if (chdir("/proc") != 0) abort();
  deliver_all(module, batch);
}
FIXTURE("changes_directory", deliver, 0);
