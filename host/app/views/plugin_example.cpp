#include "app/views/plugin_example.hpp"

#include "app/views/setting_rows.hpp"
#include "config/schema.hpp"

namespace observerd::app::views {
namespace {

constexpr int kDeepest = 12;

/// Texts that settings usually take, the likeliest first.
constexpr const char* kTexts[] = {"example",     "https://example.com/hook",
                                  "30s",         "someone@example.com",
                                  "example.com", "/path",
                                  "+491711234",  "127.0.0.1:8080",
                                  "1",           "10/s",
                                  "200-299",     "EUR",
                                  "10.0.0.0/8",  "00000000-0000-0000-0000-000000000000"};

json::Value text(std::string words) {
  return json::Value::string(std::move(words));
}

class Examples {
 public:
  explicit Examples(const json::Value& root) : root_(root) {}

  bool fits(const json::Value& value, const json::Value& schema) const {
    // The part, with the definitions that it may refer to.
    json::Value whole = json::Value::object({{"allOf", json::Value::array({schema})}});
    if (const json::Value* definitions = root_.find("definitions")) {
      whole.set("definitions", *definitions);
    }
    bool good = true;
    config::validate_schema(value, whole,
                            [&](const auto&, const auto&, const auto&) { good = false; });
    return good;
  }

  std::optional<json::Value> of(const json::Value& written, const std::string& name, int depth) {
    if (depth > kDeepest) return std::nullopt;
    const std::string reference = written.string_or("$ref");
    if (reference.starts_with("#/")) {
      const json::Value* target = json::at_pointer(root_, reference.substr(1));
      return target == nullptr ? std::nullopt : of(*target, name, depth + 1);
    }
    for (json::Value& candidate : candidates(written, name, depth)) {
      if (fits(candidate, written)) return std::move(candidate);
    }
    return std::nullopt;
  }

  /// The members that are required, and those with an example.
  std::optional<json::Value> object_of(const json::Value& schema, int depth) {
    json::Value object = json::Value::object();
    const json::Value* properties = schema.find("properties");
    if (properties == nullptr || !properties->is_object()) return object;
    for (const auto& [name, property] : properties->members()) {
      const bool needed = is_required(schema, name);
      if (!needed && property.find("examples") == nullptr) continue;
      auto value = of(property, name, depth + 1);
      if (!value && needed) return std::nullopt;
      if (value) object.set(name, *std::move(value));
    }
    return object;
  }

 private:
  std::vector<json::Value> candidates(const json::Value& schema, const std::string& name,
                                      int depth) {
    std::vector<json::Value> out;
    for (const char* const list : {"examples", "enum"}) {
      const json::Value* given = schema.find(list);
      if (given != nullptr && given->is_array()) {
        out.insert(out.end(), given->items().begin(), given->items().end());
      }
    }
    for (const char* const one : {"default", "const"}) {
      if (const json::Value* given = schema.find(one)) out.push_back(*given);
    }
    add_texts(schema, name, out);
    add_numbers(schema, out);
    for (const bool answer : {true, false}) out.push_back(json::Value::boolean(answer));
    add_array(schema, name, depth, out);
    if (auto object = object_of(schema, depth)) out.push_back(*std::move(object));
    for (const char* const list : {"oneOf", "anyOf", "allOf"}) {
      const json::Value* branches = schema.find(list);
      if (branches == nullptr || !branches->is_array()) continue;
      for (const json::Value& branch : branches->items()) {
        if (auto value = of(branch, name, depth + 1)) out.push_back(*std::move(value));
      }
    }
    return out;
  }

  static void add_texts(const json::Value& schema, const std::string& name,
                        std::vector<json::Value>& out) {
    const std::string escaping = schema.string_or("x-template");
    if (escaping == "url") out.push_back(text("https://example.com/{{ id }}"));
    if (!escaping.empty()) out.push_back(text("{{ id }}"));
    if (name.find("url") != std::string::npos) out.push_back(text("https://example.com/hook"));
    for (const char* const one : kTexts) out.push_back(text(one));
    const json::Value* least = schema.find("minLength");
    if (least != nullptr && least->is_number() && least->text().size() < 5) {
      out.push_back(text(std::string(std::stoul(least->text()), 'x')));
    }
  }

  static void add_numbers(const json::Value& schema, std::vector<json::Value>& out) {
    for (const char* const limit : {"minimum", "maximum"}) {
      const json::Value* given = schema.find(limit);
      if (given != nullptr && given->is_number()) out.push_back(*given);
    }
    for (const std::int64_t number : {1, 10, 100, 1000, 0}) {
      out.push_back(json::Value::integer(number));
    }
  }

  void add_array(const json::Value& schema, const std::string& name, int depth,
                 std::vector<json::Value>& out) {
    json::Value array = json::Value::array();
    out.push_back(array);
    const json::Value* items = schema.find("items");
    if (items == nullptr || !items->is_object()) return;
    if (auto item = of(*items, name, depth + 1)) {
      array.push_back(*std::move(item));
      out.push_back(std::move(array));
    }
  }

  const json::Value& root_;
};

/// The settings with the members that are secrets as references, as they should be written.
json::Value with_references(json::Value settings, const json::Value& schema,
                            const std::string& type) {
  const json::Value* properties = schema.find("properties");
  if (properties == nullptr) return settings;
  for (auto& [name, value] : settings.members()) {
    const json::Value* property = properties->find(name);
    const json::Value* secret = property == nullptr ? nullptr : property->find("x-secret");
    if (secret == nullptr || !value.is_string()) continue;
    value = json::Value::object({{"credential", text(type + "-" + name)}});
  }
  return settings;
}

}  // namespace

std::optional<json::Value> example_settings(const json::Value& schema) {
  Examples examples(schema);
  auto settings = examples.object_of(schema, 0);
  if (settings && !examples.fits(*settings, schema)) settings = examples.of(schema, "", 0);
  return settings;
}

json::Value example_configuration(const plugin::ActionType& type) {
  const auto settings = example_settings(type.action_schema);
  const auto module = example_settings(type.module_schema);
  if (!settings || !settings->is_object() || !module || !module->is_object()) return {};
  json::Value action = json::Value::object({{"type", text(type.type)}});
  const json::Value own = with_references(*settings, type.action_schema, type.type);
  for (const auto& [name, value] : own.members()) action.set(name, value);
  json::Value document = json::Value::object(
      {{"database", json::Value::object({{"url", text("postgresql:///app")}})}});
  if (!module->members().empty()) {
    document.set("plugins",
                 json::Value::object(
                     {{"settings",
                       json::Value::object({{type.type, with_references(*module, type.module_schema,
                                                                        type.type)}})}}));
  }
  document.set("observers", json::Value::array({json::Value::object(
                                {{"name", text("example")},
                                 {"entity", text("Order")},
                                 {"events", json::Value::array({text("insert")})},
                                 {"actions", json::Value::array({std::move(action)})}})}));
  return document;
}

}  // namespace observerd::app::views
