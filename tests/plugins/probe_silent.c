/* Its probe fails without a word. */
#define FIXTURE_PROBE probe
#include "deliver_all.h"
static int32_t probe(observerd_module* module, observerd_action* action,
                     const observerd_errors* errors) {
  (void)module, (void)action, (void)errors;
  return 1;
}
FIXTURE("probe_silent", deliver_all, 0);
