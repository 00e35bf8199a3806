#include "app/views/plugins_view.hpp"

#include "app/output.hpp"
#include "app/views/plugin_example.hpp"
#include "app/views/setting_rows.hpp"
#include "base/strings.hpp"

namespace observerd::app::views {
namespace {

json::Value text(std::string words) {
  return json::Value::string(std::move(words));
}

json::Value to_json(const plugin::RunnerState& runner) {
  return json::Value::object(
      {{"type", text(runner.type)},
       {"pid", runner.pid == 0 ? json::Value() : json::Value::integer(runner.pid)},
       {"restarts", json::Value::integer(static_cast<std::int64_t>(runner.restarts))},
       {"last_error", text_or_null(runner.last_error)}});
}

json::Value to_json(const plugin::Registry& registry, const plugin::Entry& entry) {
  json::Value types = json::Value::array(), runners = json::Value::array();
  for (const std::string& type : entry.types) types.push_back(text(type));
  for (const plugin::RunnerState& one : registry.runners(entry)) runners.push_back(to_json(one));
  const bool faulty = entry.state == plugin::State::Faulty;
  return json::Value::object(
      {{"state", text(state_of(entry))},
       {"types", std::move(types)},
       {"name", text_or_null(entry.name)},
       {"version", text_or_null(entry.version)},
       {"abi", text_or_null(abi_of(entry))},
       {"path", text(entry.path.string())},
       {"sha256", text_or_null(entry.sha256)},
       {"isolation", text(std::string(plugin::isolation_name(entry.isolation)))},
       {"runners", std::move(runners)},
       {"restart_needed", json::Value::boolean(entry.restart_needed)},
       {"reason", faulty ? text(entry.reason.to_string()) : json::Value()}});
}

json::Value settings_of(const json::Value& schema) {
  json::Value list = json::Value::array();
  for (const SettingRow& row : setting_rows(schema)) {
    list.push_back(json::Value::object({{"name", text(row.name)},
                                        {"type", text(row.type)},
                                        {"required", json::Value::boolean(row.required)},
                                        {"default", text_or_null(row.fallback)},
                                        {"secret", json::Value::boolean(row.secret)},
                                        {"escaping", text_or_null(row.escaping)},
                                        {"description", text_or_null(row.description)}}));
  }
  return list;
}

}  // namespace

std::string abi_of(const plugin::Entry& entry) {
  if (entry.abi_major == 0) return "";
  return std::to_string(entry.abi_major) + '.' + std::to_string(entry.abi_minor);
}

const char* state_of(const plugin::Entry& entry) {
  return entry.state == plugin::State::Loaded ? "loaded" : "faulty";
}

std::string remark_of(const plugin::Entry& entry) {
  if (entry.state == plugin::State::Faulty) return entry.reason.message();
  return entry.restart_needed ? "the file has changed: restart observerd to use it" : "";
}

json::Value list_plugins(const plugin::Registry& registry) {
  json::Value list = json::Value::array();
  for (const auto& entry : registry.entries()) list.push_back(to_json(registry, *entry));
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
  json::Value document = to_json(registry, *type->entry);
  document.set("type", json::Value::string(type->type));
  document.set("summary", json::Value::string(type->summary));
  document.set("limits", json::Value::object(
                             {{"max_batch", json::Value::integer(type->max_batch)},
                              {"max_concurrency", json::Value::integer(type->max_concurrency)}}));
  document.set("flags",
               json::Value::object({{"thread_safe", json::Value::boolean(type->thread_safe)},
                                    {"async", json::Value::boolean(type->async)}}));
  document.set("action_settings", settings_of(type->action_schema));
  document.set("module_settings", settings_of(type->module_schema));
  document.set("example", example_configuration(*type));
  document.set("module_schema", type->module_schema);
  document.set("action_schema", type->action_schema);
  return document;
}

}  // namespace observerd::app::views
