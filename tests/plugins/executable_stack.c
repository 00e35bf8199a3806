/* Linked so that it asks for an executable stack. */
#include "deliver_all.h"
FIXTURE("executable_stack", deliver_all, 0);
