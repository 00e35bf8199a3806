/* Its action schema uses a keyword that the host does not know. */
#define FIXTURE_ACTION_SCHEMA "{\"type\": \"object\", \"propertyNames\": {}}"
#include "deliver_all.h"
FIXTURE("unknown_keyword", deliver_all, 0);
