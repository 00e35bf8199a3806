/* Cannot be started again. */
#include <stdlib.h>
#define FIXTURE_OPEN open_module
#define FIXTURE_CLOSE close_module
#define FIXTURE_START start
#include "deliver_all.h"
struct observerd_module {
  int starts;
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
  return module->starts++ == 0 ? 0 : 1;
}
FIXTURE("starts_once", deliver_all, 0);
