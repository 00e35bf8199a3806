/* Shows abidw and abidiff every type of the ABI: all are reached from what the entry returns. */
#include <observerd/plugin.h>
#include <stddef.h>
OBSERVERD_EXPORT const observerd_plugin* observerd_plugin_entry_v1(void);
const observerd_plugin* observerd_plugin_entry_v1(void) {
  return NULL;
}
