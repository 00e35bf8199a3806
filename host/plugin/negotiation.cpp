#include "plugin/negotiation.hpp"

#include <algorithm>
#include <set>
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

Status check_schema(const std::string& text, const char* which) {
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

Status check_type(const TypeFacts& facts) {
  if (!is_type_name(facts.type)) {
    return problem("has an action type whose name is not [a-z][a-z0-9_-]{0,31}: \"" + facts.type +
                   "\"");
  }
  for (Status bad : {check_schema(facts.module_schema, "module_schema"),
                     check_schema(facts.action_schema, "action_schema")}) {
    if (bad.ok()) continue;
    Status named = problem("action type \"" + facts.type + "\" " + bad.message()).at(bad.place());
    for (const std::string& note : bad.notes()) named.note(note);
    return named;
  }
  return {};
}

std::string or_empty(const char* text) {
  return text == nullptr ? "" : text;
}

/// What only the table shows, and not its facts.
Status read_action(const observerd_action_type& action, TypeFacts& facts) {
  if (action.type == nullptr) return problem("has an action type without a name");
  // Not terminated would be the plugin's bug; no reason to read on for ever.
  facts.type.assign(action.type, ::strnlen(action.type, max_type_bytes + 1));
  const std::string prefix = "action type \"" + facts.type + "\" ";
  if (const char* name = missing_function(action); name != nullptr && is_type_name(facts.type)) {
    return problem(prefix + "lacks the required function " + name);
  }
  if (action.module_schema == nullptr) return problem(prefix + "has no module_schema");
  if (action.action_schema == nullptr) return problem(prefix + "has no action_schema");
  facts.summary = or_empty(action.summary);
  facts.module_schema = action.module_schema;
  facts.action_schema = action.action_schema;
  facts.flags = action.flags;
  facts.max_batch = action.max_batch;
  facts.max_concurrency = action.max_concurrency;
  return {};
}

Status check_plugin(const observerd_plugin& plugin, const AbiNote& note) {
  if (plugin.abi_minor != note.minor || plugin.min_host_minor != note.min_host_minor) {
    return problem("contradicts itself: its note says minor " + std::to_string(note.minor) +
                   ", least host minor " + std::to_string(note.min_host_minor) +
                   ", its table says " + std::to_string(plugin.abi_minor) + " and " +
                   std::to_string(plugin.min_host_minor));
  }
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
  const observerd_plugin plugin = copy_struct(theirs);
  if (Status bad = check_plugin(plugin, note); !bad.ok()) return bad;
  PluginTable table;
  table.facts.name = or_empty(plugin.name);
  table.facts.version = or_empty(plugin.version);
  table.facts.description = or_empty(plugin.description);
  table.facts.license = or_empty(plugin.license);
  table.facts.vendor = or_empty(plugin.vendor);
  for (std::uint32_t i = 0; i < plugin.action_count; ++i) {
    const observerd_action_type* action = plugin.actions[i];
    if (action == nullptr) return problem("has a NULL among its action types");
    table.actions.push_back(copy_struct(action));
    TypeFacts& facts = table.facts.types.emplace_back();
    if (Status bad = read_action(table.actions.back(), facts); !bad.ok()) return bad;
  }
  if (Status bad = check_facts(table.facts); !bad.ok()) return bad;
  return table;
}

Status check_facts(const PluginFacts& facts) {
  if (facts.name.empty()) return problem("has no name");
  if (facts.version.empty()) return problem("has no version");
  if (facts.types.empty()) return problem("has no action types");
  std::set<std::string_view> seen;
  for (const TypeFacts& type : facts.types) {
    if (Status bad = check_type(type); !bad.ok()) return bad;
    if (!seen.insert(type.type).second) {
      return problem("has the action type \"" + type.type + "\" twice");
    }
  }
  return {};
}

ActionType describe(const TypeFacts& facts) {
  ActionType type;
  type.type = facts.type;
  type.summary = facts.summary;
  type.module_schema_text = facts.module_schema;
  type.action_schema_text = facts.action_schema;
  type.module_schema = json::parse(type.module_schema_text, Code::PluginLoad).value();
  type.action_schema = json::parse(type.action_schema_text, Code::PluginLoad).value();
  type.thread_safe = (facts.flags & OBSERVERD_THREAD_SAFE) != 0;
  type.async = (facts.flags & OBSERVERD_ASYNC) != 0;
  type.max_batch = within(facts.max_batch, max_batch_items);
  // Neither flag: the ABI promises one deliver at a time, whatever the number says.
  type.max_concurrency =
      type.thread_safe || type.async ? within(facts.max_concurrency, max_parallel) : 1;
  return type;
}

}  // namespace observerd::plugin
