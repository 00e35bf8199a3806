/* Its constructor ends the process. */
#include <stdlib.h>
#include "deliver_all.h"
FIXTURE("aborts_on_load", deliver_all, 0);
__attribute__((constructor)) static void run(void) {
  abort();
}
