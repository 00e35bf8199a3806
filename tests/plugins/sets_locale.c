/* Sets the locale of the whole process. */
#include <locale.h>
#include "deliver_all.h"
static void deliver(observerd_module* module, const observerd_batch* batch) {
  setlocale(LC_ALL, "C.UTF-8");
  deliver_all(module, batch);
}
FIXTURE("sets_locale", deliver, 0);
