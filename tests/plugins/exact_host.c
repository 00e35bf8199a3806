/* Works with hosts of exactly its own minor only. */
#define FIXTURE_OPEN open_module
#include "deliver_all.h"
static observerd_module* open_module(const observerd_host* host, observerd_str settings,
                                     const observerd_errors* errors) {
  if (host->struct_size != sizeof *host) {
    errors->add(errors, str(""), str("this host is not the one I know"));
    return NULL;
  }
  return fixture_open(host, settings, errors);
}
FIXTURE("exact_host", deliver_all, 0);
