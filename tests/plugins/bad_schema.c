/* Its action schema is no JSON. */
#define FIXTURE_ACTION_SCHEMA "{\"type\": \"object\""
#include "deliver_all.h"
FIXTURE("bad_schema", deliver_all, 0);
