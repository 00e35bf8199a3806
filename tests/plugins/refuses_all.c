/* Refuses every setting, whatever the schema says. */
#define FIXTURE_BIND bind_action
#include "deliver_all.h"
static observerd_action* bind_action(observerd_module* module, observerd_str settings,
                                     const observerd_errors* errors,
                                     const observerd_binding* binding) {
  (void)module, (void)settings, (void)binding, (void)fixture_bind;
  errors->add(errors, str("/url"), str("is not to my liking"));
  return NULL;
}
FIXTURE("refuses_all", deliver_all, 0);
