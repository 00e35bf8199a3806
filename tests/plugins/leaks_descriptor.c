/* Each module leaves a descriptor open. */
#include <fcntl.h>
#define FIXTURE_OPEN open_module
#include "deliver_all.h"
static volatile int last;
static observerd_module* open_module(const observerd_host* host, observerd_str settings,
                                     const observerd_errors* errors) {
  last = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return fixture_open(host, settings, errors);
}
FIXTURE("leaks_descriptor", deliver_all, 0);
