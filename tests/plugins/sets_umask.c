/* Sets the umask. */
#include <sys/stat.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  umask(0);
  deliver_all(module, batch);
}
FIXTURE("sets_umask", deliver, 0);
