// Plugins and the entities that are captured.
#include <algorithm>

#include "base/strings.hpp"
#include "config/readers.hpp"
#include "config/words.hpp"

namespace observerd::config {
namespace {

/// Of a runner: below the first none comes up with its libraries and threads.
constexpr std::int64_t kLeastMemory = 64LL << 20;
constexpr std::int64_t kMostMemory = 1LL << 40;

const json::Value::Object& members_of(const json::Value* value) {
  static const json::Value::Object kNone;
  return value == nullptr ? kNone : value->members();
}

std::optional<std::vector<std::string>> read_directories(const Reading& reading, Section& section,
                                                         std::string_view name) {
  auto items = section.strings(name);
  if (!items) return std::nullopt;
  std::vector<std::string> out;
  for (TextItem& item : *items) {
    if (!item.text.starts_with('/')) {
      reading.problem(*item.written, item.pointer, "must be an absolute path");
    }
    out.push_back(std::move(item.text));
  }
  return out;
}

void read_modules(const Reading& reading, Section& section, PluginSettings& out) {
  const json::Value* settings = section.object("settings");
  for (const auto& [type, value] : members_of(settings)) {
    const std::string pointer = json::join_pointer(section.pointer_to("settings"), type);
    if (!value.is_object()) {
      reading.problem(value, pointer, must_be("an object", value));
      continue;
    }
    out.modules.push_back({"", type, value, reading.sources.place(value.origin(), pointer)});
  }
  const json::Value* modules = section.object("modules");
  for (const auto& [name, value] : members_of(modules)) {
    const std::string pointer = json::join_pointer(section.pointer_to("modules"), name);
    Section module(reading, &value, *modules, pointer);
    ModuleSettings read{name, "", json::Value::object(), module.place()};
    if (name.empty()) reading.problem(value, pointer, "the name of a module must not be empty");
    const json::Value* own = module.object("settings");
    if (own != nullptr) {
      read.settings = *own;
      read.place = reading.sources.place(own->origin(), module.pointer_to("settings"));
    } else {
      read.place.pointer = module.pointer_to("settings");
      read.settings.set_origin(value.origin());
    }
    read.type = module.required_string("type");
    module.finish();
    out.modules.push_back(std::move(read));
  }
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void read_policies(const Reading& reading, Section& plugins, PluginSettings& out) {
  static constexpr Choice<Isolation> kIsolations[] = {{"in-process", Isolation::InProcess},
                                                      {"process", Isolation::Process}};
  // The keys of these are names of plugins: each is asked for, none is unknown.
  const auto each = [&](std::string_view name, auto read) {
    const json::Value* value = plugins.object(name);
    if (value == nullptr) return;
    Section section(reading, value, *value, plugins.pointer_to(name));
    for (const auto& [type, policy] : value->members()) {
      read(section, type);
      out.policy_names.push_back(
          {std::string(name), type,
           reading.sources.name_place(type, policy.origin(), section.pointer_to(type))});
    }
  };
  each("isolation", [&](Section& section, const std::string& type) {
    if (const auto isolation = section.choice(type, kIsolations)) out.isolation[type] = *isolation;
  });
  each("sha256", [&](Section& section, const std::string& type) {
    const auto text = section.string(type);
    if (!text) return;
    out.sha256[type] = ascii_lower(*text);
    if (!is_sha256(out.sha256[type])) {
      section.problem(type, "must be a SHA-256 sum: 64 hexadecimal digits");
    }
  });
  each("required", [&](Section& section, const std::string& type) {
    if (const auto required = section.boolean(type)) out.required[type] = *required;
  });
}

EntitySettings read_entity(const Reading& reading, Section& section, const std::string& name,
                           const json::Value& value) {
  EntitySettings out{name, "", {}, section.place()};
  constexpr std::size_t kLongest = 100;  // observer_events.entity_type
  if (name.empty() || name == "*" || name.size() > kLongest) {
    reading.problem(value, section.pointer(),
                    "the name of an entity must be 1 to 100 bytes and not \"*\"");
  }
  out.table = section.required_string("table");
  if (auto key = section.strings("key")) {
    if (key->empty()) section.problem("key", "must name at least one column");
    for (TextItem& column : *key) out.key.push_back(std::move(column.text));
  }
  section.finish();
  return out;
}

}  // namespace

PluginSettings read_plugins(const Reading& reading, Section& root, const json::Value& document) {
  PluginSettings out;
  Section section(reading, root.object("plugins"), document, "/plugins");
  if (auto directories = read_directories(reading, section, "directories")) {
    out.directories = *std::move(directories);
  }
  if (auto directories = read_directories(reading, section, "trusted_directories")) {
    out.trusted_directories = *std::move(directories);
  }
  Section runner(reading, section.object("runner"), document, "/plugins/runner");
  out.runner_memory = runner.bytes("memory", kLeastMemory, kMostMemory).value_or(out.runner_memory);
  runner.finish();
  read_modules(reading, section, out);
  read_policies(reading, section, out);
  section.finish();
  return out;
}

std::map<std::string, EntitySettings> read_entities(const Reading& reading, Section& root,
                                                    const json::Value& document) {
  std::map<std::string, EntitySettings> out;
  const json::Value* entities = root.object("entities");
  for (const auto& [name, value] : members_of(entities)) {
    Section section(reading, &value, document, json::join_pointer("/entities", name));
    out[name] = read_entity(reading, section, name, value);
  }
  return out;
}

}  // namespace observerd::config
