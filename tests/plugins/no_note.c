/* Exports the entry, but has no note; and must never get to run: its constructor would show. */
#include <stdlib.h>

#include "deliver_all.h"
FIXTURE_TABLES("no_note", deliver_all, 0, NULL);
OBSERVERD_EXPORT const observerd_plugin* observerd_plugin_entry_v1(void);
const observerd_plugin* observerd_plugin_entry_v1(void) {
  return &fixture_plugin;
}
__attribute__((constructor)) static void run(void) {
  setenv("OBSERVERD_FIXTURE_RAN", "1", 1);
}
