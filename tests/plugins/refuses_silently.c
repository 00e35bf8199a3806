/* Refuses settings without the member that it needs, and does not say why. */

#define FIXTURE_ACTION_SCHEMA                                                          \
  "{\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"text\"], " \
  "\"properties\": {\"text\": {\"type\": \"string\", \"description\": \"What to say.\"}}}"
#define FIXTURE_BIND bind_action
#include "deliver_all.h"
static observerd_action* bind_action(observerd_module* module, observerd_str settings,
                                     const observerd_errors* errors,
                                     const observerd_binding* binding) {
  static const char member[] = "{\"text\":\"";
  if (settings.len < sizeof member || memcmp(settings.data, member, sizeof member - 1) != 0) {
    return NULL;
  }
  return fixture_bind(module, settings, errors, binding);
}
FIXTURE("refuses_silently", deliver_all, 0);
