/* Leaves a file where OBSERVERD_FIXTURE_MARK says as soon as any of its code runs. */
#include <fcntl.h>
#include <stdlib.h>

#include "deliver_all.h"
__attribute__((constructor)) static void run(void) {
  const char* mark = getenv("OBSERVERD_FIXTURE_MARK");
  if (mark != NULL) open(mark, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
}
FIXTURE("leaves_mark", deliver_all, 0);
