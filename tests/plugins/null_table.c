/* Its entry function returns NULL. */
#include "fixture.h"
OBSERVERD_NOTE(0);
OBSERVERD_EXPORT const observerd_plugin* observerd_plugin_entry_v1(void);
const observerd_plugin* observerd_plugin_entry_v1(void) {
  (void)fixture_open, (void)fixture_bind, (void)fixture_unbind, (void)fixture_close, (void)report;
  return NULL;
}
