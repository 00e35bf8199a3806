/* Names a metric as none may be named. */

#define FIXTURE_OPEN open_module
#include "deliver_all.h"
static const observerd_host* fixture_host;
static observerd_module* open_module(const observerd_host* host, observerd_str settings,
                                     const observerd_errors* errors) {
  fixture_host = host;
  return fixture_open(host, settings, errors);
}
static void deliver(observerd_module* module, const observerd_batch* batch) {
  const observerd_str name = {"Sent Items", 10};
  fixture_host->metric(fixture_host, OBSERVERD_METRIC_COUNTER, name, 1, NULL, 0);
  deliver_all(module, batch);
}
FIXTURE("talks_nonsense", deliver, 0);
