/* All modules share what open makes and close takes away. */
#define FIXTURE_OPEN open_module
#define FIXTURE_CLOSE close_module
#include "deliver_all.h"
static int connected;
static observerd_module* open_module(const observerd_host* host, observerd_str settings,
                                     const observerd_errors* errors) {
  connected = 1;
  return fixture_open(host, settings, errors);
}
static void close_module(observerd_module* module) {
  connected = 0;
  fixture_close(module);
}
static void deliver(observerd_module* module, const observerd_batch* batch) {
  if (connected) deliver_all(module, batch);
}
FIXTURE("one_module", deliver, 0);
