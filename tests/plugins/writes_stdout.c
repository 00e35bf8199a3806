/* Says on stdout what it does. */
#include <stdio.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  printf("delivering %u items\n", (unsigned)batch->count);
  deliver_all(module, batch);
}
FIXTURE("writes_stdout", deliver, 0);
