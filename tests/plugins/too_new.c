/* Needs a host of minor 99. */
#define FIXTURE_MIN_HOST_MINOR 99
#include "deliver_all.h"
FIXTURE("too_new", deliver_all, 0);
