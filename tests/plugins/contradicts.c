/* Note and table disagree about the least host minor. */
#include "deliver_all.h"
FIXTURE_TABLES("contradicts", deliver_all, 0, NULL);
static const observerd_plugin other = {sizeof(observerd_plugin),
                                       OBSERVERD_ABI_MINOR,
                                       7,
                                       0,
                                       "fixture",
                                       "1.0.0",
                                       "",
                                       "",
                                       "",
                                       fixture_types,
                                       1,
                                       0};
__attribute__((unused)) static const observerd_plugin* const agrees = &fixture_plugin;
OBSERVERD_PLUGIN(other, 0);
