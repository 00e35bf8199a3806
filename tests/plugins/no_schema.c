/* Its action schema is JSON, and no schema. */
#define FIXTURE_ACTION_SCHEMA "{\"type\": \"thing\"}"
#include "deliver_all.h"
FIXTURE("no_schema", deliver_all, 0);
