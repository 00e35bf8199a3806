/* Nobody learns from its schema what a setting is for, or that he misspelt it. */
#define FIXTURE_ACTION_SCHEMA \
  "{\"type\": \"object\", \"properties\": {\"text\": {\"type\": \"string\"}}}"
#include "deliver_all.h"
FIXTURE("undescribed", deliver_all, 0);
