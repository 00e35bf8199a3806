/* A plugin of a later minor that can do with an older host: its structs are longer than ours. */
#include "deliver_all.h"
struct newer_type {
  observerd_action_type known;
  void (*later)(void);
  uint64_t more[4];
};
static const struct newer_type type = {
    {sizeof(struct newer_type), 0xF0, "newer_plugin", "Built for a newer minor.", NO_SETTINGS,
     ANY_SETTINGS, 4, 2, fixture_open, fixture_bind, NULL, deliver_all, NULL, fixture_unbind,
     fixture_close, NULL, NULL},
    NULL,
    {1, 2, 3, 4}};
struct newer_plugin {
  observerd_plugin known;
  uint64_t more;
};
static const observerd_action_type* const types[] = {&type.known};
#undef OBSERVERD_ABI_MINOR
#define OBSERVERD_ABI_MINOR 5
static const struct newer_plugin plugin = {
    {sizeof(struct newer_plugin), 5, 0, 0, "newer", "2.0.0", "", "", "", types, 1, 0}, 1};
OBSERVERD_PLUGIN(plugin.known, 0);
