/*
 * What the C fixtures have in common: a module and an action without state, and the table. A
 * fixture defines what it wants different and says FIXTURE(type, deliver, flags).
 */
#ifndef OBSERVERD_TESTS_FIXTURE_H
#define OBSERVERD_TESTS_FIXTURE_H

#include <observerd/plugin.h>
#include <stddef.h>
#include <string.h>

#define NO_SETTINGS "{\"type\":\"object\",\"additionalProperties\":false}"
#define ANY_SETTINGS "{\"type\":\"object\"}"

#ifndef FIXTURE_ACTION_SCHEMA
#define FIXTURE_ACTION_SCHEMA ANY_SETTINGS
#endif
#ifndef FIXTURE_TYPE_SIZE
#define FIXTURE_TYPE_SIZE sizeof(observerd_action_type)
#endif
#ifndef FIXTURE_MIN_HOST_MINOR
#define FIXTURE_MIN_HOST_MINOR 0
#endif

/* Functions that a fixture has its own of; those of OPEN, BIND, UNBIND and CLOSE may call ours. */
#ifndef FIXTURE_OPEN
#define FIXTURE_OPEN fixture_open
#endif
#ifndef FIXTURE_BIND
#define FIXTURE_BIND fixture_bind
#endif
#ifndef FIXTURE_START
#define FIXTURE_START NULL
#endif
#ifndef FIXTURE_CLOSE
#define FIXTURE_CLOSE fixture_close
#endif
#ifndef FIXTURE_PROBE
#define FIXTURE_PROBE NULL
#endif
#ifndef FIXTURE_PREVIEW
#define FIXTURE_PREVIEW NULL
#endif

static inline observerd_str str(const char* text) {
  observerd_str s = {text, strlen(text)};
  return s;
}

static inline void report(const observerd_batch* batch, uint32_t index, int32_t outcome,
                          const char* code) {
  observerd_result result;
  memset(&result, 0, sizeof result);
  result.struct_size = sizeof result;
  result.outcome = outcome;
  result.code = str(code);
  batch->report(batch, index, &result);
}

static int module_object, action_object;

static observerd_module* fixture_open(const observerd_host* host, observerd_str settings,
                                      const observerd_errors* errors) {
  (void)host, (void)settings, (void)errors;
  return (observerd_module*)(void*)&module_object;
}
static observerd_action* fixture_bind(observerd_module* module, observerd_str settings,
                                      const observerd_errors* errors,
                                      const observerd_binding* binding) {
  (void)module, (void)settings, (void)errors, (void)binding;
  return (observerd_action*)(void*)&action_object;
}
static void fixture_unbind(observerd_module* module, observerd_action* action) {
  (void)module, (void)action;
}
static void fixture_close(observerd_module* module) {
  (void)module;
}

#define FIXTURE_TABLES(type_name, deliver_function, type_flags, stop_function) \
  static const observerd_action_type fixture_type = {FIXTURE_TYPE_SIZE,        \
                                                     (type_flags),             \
                                                     (type_name),              \
                                                     "A fixture.",             \
                                                     NO_SETTINGS,              \
                                                     FIXTURE_ACTION_SCHEMA,    \
                                                     16,                       \
                                                     4,                        \
                                                     FIXTURE_OPEN,             \
                                                     FIXTURE_BIND,             \
                                                     FIXTURE_START,            \
                                                     (deliver_function),       \
                                                     (stop_function),          \
                                                     fixture_unbind,           \
                                                     FIXTURE_CLOSE,            \
                                                     FIXTURE_PROBE,            \
                                                     FIXTURE_PREVIEW};         \
  static const observerd_action_type* const fixture_types[] = {&fixture_type}; \
  static const observerd_plugin fixture_plugin = {sizeof(observerd_plugin),    \
                                                  OBSERVERD_ABI_MINOR,         \
                                                  FIXTURE_MIN_HOST_MINOR,      \
                                                  0,                           \
                                                  "fixture",                   \
                                                  "1.0.0",                     \
                                                  "For tests.",                \
                                                  "Apache-2.0",                \
                                                  "observerd",                 \
                                                  fixture_types,               \
                                                  1,                           \
                                                  0}

#define FIXTURE(type_name, deliver_function, type_flags)         \
  FIXTURE_TABLES(type_name, deliver_function, type_flags, NULL); \
  OBSERVERD_PLUGIN(fixture_plugin, FIXTURE_MIN_HOST_MINOR)

#endif
