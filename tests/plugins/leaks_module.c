/* close forgets what open allocated. */
#include <stdlib.h>
#define FIXTURE_OPEN open_module
#include "deliver_all.h"
static void* volatile last;
static observerd_module* open_module(const observerd_host* host, observerd_str settings,
                                     const observerd_errors* errors) {
  last = malloc(64);
  return fixture_open(host, settings, errors);
}
FIXTURE("leaks_module", deliver_all, 0);
