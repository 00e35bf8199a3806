/* Says on stderr what it does. */
#include <stdio.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  fprintf(stderr, "delivering %u items\n", (unsigned)batch->count);
  deliver_all(module, batch);
}
FIXTURE("writes_stderr", deliver, 0);
