/* A plugin of the minor that it is compiled for. Its results say which one that is, and which the
   host has; a slot that the host may lack is looked for before it is called. */
#include <observerd/plugin.h>
#include <stddef.h>
#include <string.h>

#ifndef GROWN_MIN_HOST_MINOR
#define GROWN_MIN_HOST_MINOR 0
#endif

struct observerd_module {
  const observerd_host* host;
};
static struct observerd_module module;
static int action;

static observerd_str str(const char* text) {
  observerd_str s = {text, strlen(text)};
  return s;
}

static observerd_module* open_module(const observerd_host* host, observerd_str settings,
                                     const observerd_errors* errors) {
  (void)settings, (void)errors;
  module.host = host;
  return &module;
}
static observerd_action* bind_action(observerd_module* self, observerd_str settings,
                                     const observerd_errors* errors,
                                     const observerd_binding* binding) {
  (void)self, (void)settings, (void)errors, (void)binding;
  return (observerd_action*)(void*)&action;
}

static const char* remark(const observerd_host* host) {
#if OBSERVERD_ABI_MINOR >= 1
  if (host->struct_size >= offsetof(observerd_host, remark) + sizeof host->remark &&
      host->remark != NULL) {
    host->remark(host, str("delivered"));
    return "remarked";
  }
#endif
  return host->abi_minor == 0 ? "host 0" : "host 1";
}

static void deliver(observerd_module* self, const observerd_batch* batch) {
  const uint32_t count = batch->count;
  for (uint32_t i = 0; i < count; ++i) {
    observerd_result result;
    memset(&result, 0, sizeof result);
    result.struct_size = sizeof result;
    result.outcome = OBSERVERD_DELIVERED;
    result.code = str("plugin " OBSERVERD_STRING(OBSERVERD_ABI_MINOR));
    result.remote_id = str(remark(self->host));
    batch->report(batch, i, &result);
  }
}

static void unbind(observerd_module* self, observerd_action* bound) {
  (void)self, (void)bound;
}
static void close_module(observerd_module* self) {
  (void)self;
}
#if OBSERVERD_ABI_MINOR >= 1
static uint32_t weigh(observerd_module* self, const observerd_item* item) {
  (void)self, (void)item;
  return 7;
}
#endif

static const observerd_action_type type = {
    .struct_size = sizeof(observerd_action_type),
    .type = "grown",
    .summary = "A fixture.",
    .module_schema = "{\"type\":\"object\"}",
    .action_schema = "{\"type\":\"object\"}",
    .max_batch = 4,
    .open = open_module,
    .bind = bind_action,
    .deliver = deliver,
    .unbind = unbind,
    .close = close_module,
#if OBSERVERD_ABI_MINOR >= 1
    .weigh = weigh,
#endif
};
static const observerd_action_type* const types[] = {&type};
static const observerd_plugin plugin = {.struct_size = sizeof(observerd_plugin),
                                        .abi_minor = OBSERVERD_ABI_MINOR,
                                        .min_host_minor = GROWN_MIN_HOST_MINOR,
                                        .name = "grown",
                                        .version = "1.0.0",
                                        .actions = types,
                                        .action_count = 1};
OBSERVERD_PLUGIN(plugin, GROWN_MIN_HOST_MINOR);
