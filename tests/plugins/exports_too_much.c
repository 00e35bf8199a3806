/* Linked without the version script: a second symbol is visible. */
#include "deliver_all.h"
OBSERVERD_EXPORT int fixture_leaked_symbol(void);
int fixture_leaked_symbol(void) {
  return 1;
}
FIXTURE("exports_too_much", deliver_all, 0);
