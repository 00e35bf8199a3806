// C++ without the SDK's shims: an exception leaves each function.
#include <observerd/plugin.h>

#include <stdexcept>

namespace {

bool mentions(observerd_str text, char c) {
  for (std::uint64_t i = 0; i < text.len; ++i) {
    if (text.data[i] == c) return true;
  }
  return false;
}

// Settings that mention '1' make open throw, '2' bind.
observerd_module* open_module(const observerd_host*, observerd_str settings,
                              const observerd_errors*) {
  if (mentions(settings, '1')) throw std::runtime_error("open");
  static int object;
  return reinterpret_cast<observerd_module*>(&object);
}
observerd_action* bind_action(observerd_module*, observerd_str settings, const observerd_errors*,
                              const observerd_binding*) {
  if (mentions(settings, '2')) throw std::runtime_error("bind");
  static int object;
  return reinterpret_cast<observerd_action*>(&object);
}
std::int32_t start(observerd_module*) {
  throw std::runtime_error("start");
}
void deliver(observerd_module*, const observerd_batch* batch) {
  observerd_result result{};
  result.struct_size = sizeof result;
  batch->report(batch, 0, &result);
  throw 42;
}
void stop(observerd_module*) {
  throw std::runtime_error("stop");
}
void unbind(observerd_module*, observerd_action*) {
  throw std::runtime_error("unbind");
}
void close_module(observerd_module*) {
  throw std::runtime_error("close");
}
std::int32_t probe(observerd_module*, observerd_action*, const observerd_errors*) {
  throw std::runtime_error("probe");
}
void preview(observerd_module*, const observerd_item*, const observerd_preview*) {
  throw std::runtime_error("preview");
}

constexpr const char* schema = R"({"type":"object"})";
const observerd_action_type type = {sizeof(observerd_action_type),
                                    0,
                                    "throws",
                                    "A fixture.",
                                    schema,
                                    schema,
                                    4,
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
const observerd_action_type* const types[] = {&type};
const observerd_plugin plugin = {sizeof(observerd_plugin),
                                 OBSERVERD_ABI_MINOR,
                                 0,
                                 0,
                                 "throws",
                                 "1.0.0",
                                 "",
                                 "",
                                 "",
                                 types,
                                 1,
                                 0};

}  // namespace

OBSERVERD_PLUGIN(plugin, 0);
