/* A destructor ends the process the hard way. */
#include <stdlib.h>
#include "deliver_all.h"
FIXTURE("aborts_at_exit", deliver_all, 0);
__attribute__((destructor)) static void run(void) {
  abort();
}
