/* Looks around for a while before it says what it is. */
#include <time.h>
#include "deliver_all.h"
FIXTURE_TABLES("slow_entry", deliver_all, 0, NULL);
OBSERVERD_NOTE(0);
OBSERVERD_EXPORT const observerd_plugin* observerd_plugin_entry_v1(void);
const observerd_plugin* observerd_plugin_entry_v1(void) {
  static int called;
  const struct timespec nap = {0, 150000000};
  if (!called++) nanosleep(&nap, NULL);
  return &fixture_plugin;
}
