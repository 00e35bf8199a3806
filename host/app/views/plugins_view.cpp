#include "app/views/plugins_view.hpp"

#include "app/output.hpp"
#include "base/strings.hpp"

namespace observerd::app::views {
namespace {

json::Value to_json(const plugin::Entry& entry) {
  json::Value types = json::Value::array();
  for (const std::string& type : entry.types) types.push_back(json::Value::string(type));
  return json::Value::object({{"state", json::Value::string(state_of(entry))},
                              {"types", std::move(types)},
                              {"name", text_or_null(entry.name)},
                              {"version", text_or_null(entry.version)},
                              {"abi", text_or_null(abi_of(entry))},
                              {"path", json::Value::string(entry.path.string())},
                              {"sha256", text_or_null(entry.sha256)},
                              {"reason", entry.state == plugin::State::Faulty
                                             ? json::Value::string(entry.reason.to_string())
                                             : json::Value()}});
}

}  // namespace

std::string abi_of(const plugin::Entry& entry) {
  if (entry.abi_major == 0) return "";
  return std::to_string(entry.abi_major) + '.' + std::to_string(entry.abi_minor);
}

const char* state_of(const plugin::Entry& entry) {
  return entry.state == plugin::State::Loaded ? "loaded" : "faulty";
}

json::Value list_plugins(const plugin::Registry& registry) {
  json::Value list = json::Value::array();
  for (const auto& entry : registry.entries()) list.push_back(to_json(*entry));
  return list;
}

Result<json::Value> show_plugin(const plugin::Registry& registry, const std::string& name) {
  const plugin::ActionType* type = registry.find(name);
  if (type == nullptr) {
    if (const plugin::Entry* faulty = registry.find_faulty(name)) return faulty->reason;
    return Status::error(Code::UnknownActionType, "no plugin provides the action type \"" + name +
                                                      "\"" +
                                                      did_you_mean(name, registry.type_names()));
  }
  json::Value document = to_json(*type->entry);
  document.set("type", json::Value::string(type->type));
  document.set("summary", json::Value::string(type->summary));
  document.set("module_schema", type->module_schema);
  document.set("action_schema", type->action_schema);
  return document;
}

}  // namespace observerd::app::views
