/* Provides the type of good.c a second time. */
#include "deliver_all.h"
FIXTURE("good", deliver_all, 0);
