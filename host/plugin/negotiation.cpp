#include "plugin/negotiation.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "config/schema.hpp"

namespace observerd::plugin {
namespace {

constexpr std::uint32_t max_actions = 256;
constexpr std::size_t max_type_bytes = 32;
constexpr std::uint32_t max_batch_items = 10'000;
constexpr std::uint32_t max_parallel = 10'000;

Status problem(std::string message) {
  return Status::error(Code::PluginLoad, std::move(message));
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_type_name(std::string_view name) {
  return !name.empty() && name.size() <= max_type_bytes && is_lower(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_lower(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

Status check_schema(const char* text, const char* which) {
  if (text == nullptr) return problem(std::string("has no ") + which);
  const Result<json::Value> schema =
      json::parse(text, Code::PluginLoad, {.reject_duplicates = true});
  if (!schema) {
    Status bad = schema.status();
    return bad.context(std::string("has a malformed ") + which);
  }
  if (!schema->is_object()) return problem(std::string("has a ") + which + " that is no object");
  if (const Status bad = config::check_schema(*schema); !bad.ok()) {
    Status named =
        problem(std::string("has a ") + which + " that the host cannot honour: " + bad.message());
    for (const std::string& note : bad.notes()) named.note(note);
    return named.at(bad.place());
  }
  return {};
}

const char* missing_function(const observerd_action_type& action) {
  if (action.open == nullptr) return "open";
  if (action.bind == nullptr) return "bind";
  if (action.deliver == nullptr) return "deliver";
  if (action.unbind == nullptr) return "unbind";
  if (action.close == nullptr) return "close";
  return nullptr;
}

Status check_action(const observerd_action_type& action) {
  if (action.type == nullptr) return problem("has an action type without a name");
  // Not terminated would be the plugin's bug; no reason to read on for ever.
  const std::string_view type(action.type, ::strnlen(action.type, max_type_bytes + 1));
  if (!is_type_name(type)) {
    return problem("has an action type whose name is not [a-z][a-z0-9_-]{0,31}: \"" +
                   std::string(type) + "\"");
  }
  const std::string prefix = "action type \"" + std::string(type) + "\" ";
  if (const char* name = missing_function(action)) {
    return problem(prefix + "lacks the required function " + name);
  }
  for (Status bad : {check_schema(action.module_schema, "module_schema"),
                     check_schema(action.action_schema, "action_schema")}) {
    if (bad.ok()) continue;
    Status named = problem(prefix + bad.message()).at(bad.place());
    for (const std::string& note : bad.notes()) named.note(note);
    return named;
  }
  return {};
}

Status check_plugin(const observerd_plugin& plugin, const AbiNote& note) {
  if (plugin.abi_minor != note.minor || plugin.min_host_minor != note.min_host_minor) {
    return problem("contradicts itself: its note says minor " + std::to_string(note.minor) +
                   ", least host minor " + std::to_string(note.min_host_minor) +
                   ", its table says " + std::to_string(plugin.abi_minor) + " and " +
                   std::to_string(plugin.min_host_minor));
  }
  if (plugin.name == nullptr || *plugin.name == '\0') return problem("has no name");
  if (plugin.version == nullptr || *plugin.version == '\0') return problem("has no version");
  if (plugin.actions == nullptr || plugin.action_count == 0) return problem("has no action types");
  if (plugin.action_count > max_actions) {
    return problem("claims to have " + std::to_string(plugin.action_count) + " action types");
  }
  return {};
}

int within(std::uint32_t value, std::uint32_t most) {
  return static_cast<int>(std::clamp<std::uint32_t>(value, 1, most));
}

}  // namespace

Result<PluginTable> read_table(const observerd_plugin* theirs, const AbiNote& note) {
  PluginTable table;
  table.plugin = copy_struct(theirs);
  if (Status bad = check_plugin(table.plugin, note); !bad.ok()) return bad;
  for (std::uint32_t i = 0; i < table.plugin.action_count; ++i) {
    const observerd_action_type* action = table.plugin.actions[i];
    if (action == nullptr) return problem("has a NULL among its action types");
    table.actions.push_back(copy_struct(action));
    if (Status bad = check_action(table.actions.back()); !bad.ok()) return bad;
    for (std::size_t before = 0; before + 1 < table.actions.size(); ++before) {
      if (std::string_view(table.actions[before].type) == action->type) {
        return problem("has the action type \"" + std::string(action->type) + "\" twice");
      }
    }
  }
  return table;
}

ActionType describe(const observerd_action_type& table) {
  ActionType type;
  type.table = &table;
  type.type = table.type;
  type.summary = table.summary == nullptr ? "" : table.summary;
  type.module_schema_text = table.module_schema;
  type.action_schema_text = table.action_schema;
  type.module_schema = json::parse(type.module_schema_text, Code::PluginLoad).value();
  type.action_schema = json::parse(type.action_schema_text, Code::PluginLoad).value();
  type.thread_safe = (table.flags & OBSERVERD_THREAD_SAFE) != 0;
  type.async = (table.flags & OBSERVERD_ASYNC) != 0;
  type.max_batch = within(table.max_batch, max_batch_items);
  // Neither flag: the ABI promises one deliver at a time, whatever the number says.
  type.max_concurrency =
      type.thread_safe || type.async ? within(table.max_concurrency, max_parallel) : 1;
  return type;
}

}  // namespace observerd::plugin
