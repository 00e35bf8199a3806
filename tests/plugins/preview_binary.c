/* Its preview is no text. */
#define FIXTURE_PREVIEW preview
#include "deliver_all.h"
static void preview(observerd_module* module, const observerd_item* item,
                    const observerd_preview* out) {
  (void)module, (void)item;
  out->write(out, str("\xff\xfe\x01"));
}
FIXTURE("preview_binary", deliver_all, 0);
