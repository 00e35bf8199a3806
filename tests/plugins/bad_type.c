/* Its type is not [a-z][a-z0-9_-]{0,31}. */
#include "deliver_all.h"
FIXTURE("Bad Type", deliver_all, 0);
