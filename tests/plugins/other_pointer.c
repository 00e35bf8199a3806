/* Its entry function returns another table each time. */
#include "deliver_all.h"
FIXTURE_TABLES("other_pointer", deliver_all, 0, NULL);
OBSERVERD_NOTE(0);
OBSERVERD_EXPORT const observerd_plugin* observerd_plugin_entry_v1(void);
const observerd_plugin* observerd_plugin_entry_v1(void) {
  static observerd_plugin tables[8];
  static unsigned calls;
  tables[calls % 8] = fixture_plugin;
  return &tables[calls++ % 8];
}
