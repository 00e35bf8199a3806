/* Item 0: an outcome of the future. 1: no struct_size. 2: NULL. 3: broken UTF-8, far too long, a
   negative and then 4: an absurd retry_after. 5: a shorter result of an older minor. */
#include <stdlib.h>

#include "fixture.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  (void)module;
  static char text[4096];
  memset(text, 'x', sizeof text);
  memcpy(text, "a\xff\0b", 4);
  observerd_result result;
  for (uint32_t i = 0; i < batch->count; ++i) {
    memset(&result, 0, sizeof result);
    result.struct_size = i == 1 ? 0 : sizeof result;
    result.outcome = i == 0 ? 4711 : OBSERVERD_RETRY;
    if (i == 3 || i == 4) {
      result.outcome = OBSERVERD_THROTTLED;
      result.retry_after_ms = i == 3 ? -5 : INT64_MAX;
      result.message.data = text;
      result.message.len = sizeof text;
      result.code = result.message;
      result.remote_id = result.message;
    }
    if (i == 5) {
      result.struct_size = offsetof(observerd_result, code);
      result.code.data = (const char*)8; /* must not be looked at */
      result.code.len = 100;
    }
    batch->report(batch, i, i == 2 ? NULL : &result);
  }
}
FIXTURE("strange_results", deliver, 0);
