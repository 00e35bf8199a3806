/* Built for major 2 of the ABI. */
#include <stdlib.h>

#include "deliver_all.h"
#undef OBSERVERD_ABI_MAJOR
#define OBSERVERD_ABI_MAJOR 2
FIXTURE("wrong_major", deliver_all, 0);
__attribute__((constructor)) static void run(void) {
  setenv("OBSERVERD_FIXTURE_RAN", "1", 1);
}
