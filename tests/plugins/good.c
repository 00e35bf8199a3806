/* A well-behaved plugin in plain C, on plugin.h alone: every function, both keys, all of the item.
 */
#include <observerd/plugin.h>
#include <stdlib.h>
#include <string.h>

struct observerd_module {
  const observerd_host* host;
  _Atomic int started; /* stop may come while deliver runs */
};
struct observerd_action {
  uint32_t bound;
};

static observerd_str str(const char* text) {
  observerd_str s = {text, strlen(text)};
  return s;
}

static int contains(observerd_str text, const char* word) {
  const uint64_t length = strlen(word);
  for (uint64_t i = 0; i + length <= text.len; ++i) {
    if (memcmp(text.data + i, word, length) == 0) return 1;
  }
  return 0;
}

static observerd_module* open_module(const observerd_host* host, observerd_str settings,
                                     const observerd_errors* errors) {
  if (contains(settings, "refuse")) {
    errors->add(errors, str("/refuse"), str("is refused"));
    errors->add(errors, str(""), str("and so is the whole"));
    return NULL;
  }
  observerd_module* module = calloc(1, sizeof *module);
  if (module != NULL) module->host = host;
  return module;
}

static observerd_action* bind_action(observerd_module* module, observerd_str settings,
                                     const observerd_errors* errors,
                                     const observerd_binding* binding) {
  (void)module;
  if (contains(settings, "silent")) return NULL;
  if (contains(settings, "refuse")) errors->add(errors, str("/refuse"), str("is refused"));
  if (contains(settings, "lane")) {
    binding->lane_key(binding, str("https://example.com:443"));
    binding->batch_key(binding, str("cluster"));
  }
  return calloc(1, sizeof(observerd_action));
}

static int32_t start(observerd_module* module) {
  module->started = 1;
  return 0;
}

static void deliver(observerd_module* module, const observerd_batch* batch) {
  for (uint32_t i = 0; i < batch->count; ++i) {
    const observerd_item* item = batch->items[i];
    const observerd_field fields[] = {{str("event"), item->event_json},
                                      {str("settings"), item->settings_json}};
    module->host->log(module->host, OBSERVERD_LOG_INFO, str("delivered"), fields, 2);
    observerd_result result;
    memset(&result, 0, sizeof result);
    result.struct_size = sizeof result;
    result.outcome = module->started ? OBSERVERD_DELIVERED : OBSERVERD_MISCONFIGURED;
    result.remote_id = item->delivery_id;
    batch->report(batch, i, &result);
  }
}

static void stop(observerd_module* module) {
  module->started = 0;
}
static void unbind(observerd_module* module, observerd_action* action) {
  module->host->log(module->host, OBSERVERD_LOG_DEBUG, str("unbound"), NULL, 0);
  free(action);
}
static void close_module(observerd_module* module) {
  module->host->log(module->host, OBSERVERD_LOG_DEBUG, str("closed"), NULL, 0);
  free(module);
}

static int32_t probe(observerd_module* module, observerd_action* action,
                     const observerd_errors* errors) {
  (void)action;
  if (module->started) return 0;
  errors->add(errors, str(""), str("not started"));
  return 1;
}

static void preview(observerd_module* module, const observerd_item* item,
                    const observerd_preview* out) {
  (void)module;
  out->write(out, str("would send "));
  out->write(out, item->settings_json);
}

static const observerd_action_type type = {sizeof(observerd_action_type),
                                           0,
                                           "good",
                                           "Reports everything as delivered.",
                                           "{\"type\":\"object\"}",
                                           "{\"type\":\"object\"}",
                                           8,
                                           1,
                                           open_module,
                                           bind_action,
                                           start,
                                           deliver,
                                           stop,
                                           unbind,
                                           close_module,
                                           probe,
                                           preview};
static const observerd_action_type* const types[] = {&type};
static const observerd_plugin plugin = {
    sizeof(observerd_plugin), OBSERVERD_ABI_MINOR, 0,           0,     "good", "1.2.3",
    "A good plugin.",         "Apache-2.0",        "observerd", types, 1,      0};
OBSERVERD_PLUGIN(plugin, 0);
