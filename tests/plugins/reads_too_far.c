/* Reads the batch as though it were longer than it says. */

#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  unsigned char copy[sizeof(observerd_batch) + 16];
  const volatile unsigned char* from = (const volatile unsigned char*)batch;
  for (size_t i = 0; i < sizeof copy; ++i) copy[i] = from[i];
  if (copy[0] == 0) return;
  deliver_all(module, batch);
}
FIXTURE("reads_too_far", deliver, 0);
