/* A plugin of before probe and preview: its struct ends earlier, and what lies behind is not part
   of it. */
#define FIXTURE_TYPE_SIZE offsetof(observerd_action_type, probe)
#include "deliver_all.h"
static int32_t must_not_run(observerd_module* module, observerd_action* action,
                            const observerd_errors* errors) {
  (void)module, (void)action, (void)errors;
  __builtin_trap();
}
static const observerd_action_type old_type = {FIXTURE_TYPE_SIZE,
                                               0,
                                               "old_plugin",
                                               "Built for an older minor.",
                                               NO_SETTINGS,
                                               ANY_SETTINGS,
                                               0,
                                               0,
                                               fixture_open,
                                               fixture_bind,
                                               NULL,
                                               deliver_all,
                                               NULL,
                                               fixture_unbind,
                                               fixture_close,
                                               must_not_run,
                                               NULL};
static const observerd_action_type* const types[] = {&old_type};
static const observerd_plugin plugin = {
    sizeof(observerd_plugin), OBSERVERD_ABI_MINOR, 0, 0, "old", "1.0.0", "", "", "", types, 1, 0};
OBSERVERD_PLUGIN(plugin, 0);
