/* Forgets what it is delivering when it is stopped meanwhile. */
#include <stdlib.h>
#include <time.h>
#define FIXTURE_OPEN open_module
#define FIXTURE_CLOSE close_module
#define FIXTURE_START start
#include "deliver_all.h"
struct observerd_module {
  volatile int stopped;
};
static observerd_module* open_module(const observerd_host* host, observerd_str settings,
                                     const observerd_errors* errors) {
  (void)host, (void)settings, (void)errors, (void)fixture_open, (void)fixture_close;
  return calloc(1, sizeof(observerd_module));
}
static void close_module(observerd_module* module) {
  free(module);
}
static int32_t start(observerd_module* module) {
  module->stopped = 0;
  return 0;
}
static void deliver(observerd_module* module, const observerd_batch* batch) {
  const struct timespec nap = {0, 3000000};
  nanosleep(&nap, NULL);
  if (!module->stopped) deliver_all(module, batch);
}
static void stop(observerd_module* module) {
  module->stopped = 1;
}
FIXTURE_TABLES("drops_at_stop", deliver, 0, stop);
OBSERVERD_PLUGIN(fixture_plugin, 0);
