/* Has a buffer for settings, and does not look whether they fit. */
#include <stdlib.h>
#define FIXTURE_ACTION_SCHEMA                                                          \
  "{\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"text\"], " \
  "\"properties\": {\"text\": {\"type\": \"string\", \"description\": \"What to say.\"}}}"
#define FIXTURE_BIND bind_action
#include "deliver_all.h"
static observerd_action* bind_action(observerd_module* module, observerd_str settings,
                                     const observerd_errors* errors,
                                     const observerd_binding* binding) {
  static char buffer[65536];
  if (settings.len > sizeof buffer) abort(); /* what a hardened memcpy does */
  memcpy(buffer, settings.data, settings.len);
  return fixture_bind(module, settings, errors, binding);
}
FIXTURE("small_buffer", deliver_all, 0);
