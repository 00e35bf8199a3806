/* Takes it for granted that settings are JSON: nobody checks, it ends the process. */
#include <stdlib.h>
#define FIXTURE_ACTION_SCHEMA                                                          \
  "{\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"text\"], " \
  "\"properties\": {\"text\": {\"type\": \"string\", \"description\": \"What to say.\"}}}"
#define FIXTURE_BIND bind_action
#include "deliver_all.h"
static observerd_action* bind_action(observerd_module* module, observerd_str settings,
                                     const observerd_errors* errors,
                                     const observerd_binding* binding) {
  if (settings.len < 2 || settings.data[0] != '{' || settings.data[settings.len - 1] != '}')
    abort();
  return fixture_bind(module, settings, errors, binding);
}
FIXTURE("trusts_settings", deliver_all, 0);
