/* Lacks a required function. */
#include "fixture.h"
FIXTURE("null_deliver", NULL, 0);
