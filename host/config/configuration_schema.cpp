#include "config/configuration_schema.hpp"

#include <map>
#include <utility>

#include "config/editor_schema.hpp"
#include "config/recorder.hpp"
#include "config/setting_descriptions.hpp"
#include "config/text_settings.hpp"

namespace observerd::config {
namespace {

json::Value text(std::string words) {
  return json::Value::string(std::move(words));
}

json::Value reference_to(const std::string& pointer) {
  return json::Value::object({{"$ref", text("#" + pointer)}});
}

std::pair<std::string, std::string> split_pointer(const std::string& pointer) {
  const std::size_t slash = pointer.rfind('/');
  return {pointer.substr(0, slash), pointer.substr(slash + 1)};
}

/// The recorded settings as one schema: each below the object that has it.
class Tree {
 public:
  explicit Tree(const Recorder& recorder) : settings_(recorder.settings()) {}

  json::Value build() { return node(""); }

 private:
  /// `place` is "" or a recorded pointer.
  json::Value node(const std::string& place) {
    json::Value schema = json::Value::object();
    const auto recorded = settings_.find(place);
    if (recorded != settings_.end()) schema = recorded->second.schema;
    describe(place, schema);
    std::vector<std::string> texts;
    for (const std::string& child : children(place)) {
      const std::string name = split_pointer(child).second;
      json::Value below = node(child);
      if (settings_.at(child).is_text) {
        below = or_reference(std::move(below));
        if (name != "*" && name != "0") texts.push_back(name);
      }
      if (name == "*") {
        schema.set("additionalProperties", std::move(below));
      } else if (name == "0") {
        schema.set("items", std::move(below));
      } else {
        if (schema.find("properties") == nullptr) schema.set("properties", json::Value::object());
        schema.find("properties")->set(name, std::move(below));
      }
    }
    add_short_forms(schema, texts);
    return schema;
  }

  std::vector<std::string> children(const std::string& place) const {
    std::vector<std::string> out;
    for (auto at = settings_.lower_bound(place + "/"); at != settings_.end(); ++at) {
      if (!at->first.starts_with(place + "/")) break;
      if (split_pointer(at->first).first == place) out.push_back(at->first);
    }
    return out;
  }

  static void describe(const std::string& place, json::Value& schema) {
    const json::Value* keywords = setting_descriptions().find(place);
    if (keywords == nullptr) return;
    for (const auto& [name, value] : keywords->members()) schema.set(name, value);
  }

  const std::map<std::string, Recorder::Setting>& settings_;
};

json::Value* at(json::Value& value, std::initializer_list<std::string_view> names) {
  json::Value* found = &value;
  for (const std::string_view name : names) {
    if (found != nullptr) found = found->find(name);
  }
  return found;
}

/// {"if": the member "type" is this one, "then": …}
json::Value for_type(const std::string& type, json::Value then) {
  return json::Value::object(
      {{"if", json::Value::object(
                  {{"required", json::Value::array({text("type")})},
                   {"properties", json::Value::object(
                                      {{"type", json::Value::object({{"const", text(type)}})}})}})},
       {"then", std::move(then)}});
}

/// To what must hold already: that there is a type.
void add_cases(json::Value& schema, json::Value cases) {
  for (json::Value& one : cases.items()) schema.find("allOf")->push_back(std::move(one));
}

class Assembler {
 public:
  Assembler(json::Value root, const std::vector<DescribedType>& types)
      : root_(std::move(root)), types_(types) {}

  json::Value assemble() {
    definitions_.set("reference", reference_schema());
    json::Value action = std::move(
        *at(root_, {"properties", "observers", "items", "properties", "actions", "items"}));
    *at(root_, {"properties", "observers", "items", "properties", "actions", "items"}) =
        reference_to("/definitions/action");
    json::Value& alert =
        *at(root_, {"properties", "runtime", "properties", "alert", "properties", "action"});
    alert = reference_to("/definitions/action");
    share_defaults(action);
    add_actions(action);
    add_modules();
    for (const char* const map : {"isolation", "sha256", "required"}) name_types(map);
    return finished();
  }

 private:
  /// An action's delivery settings are those of `defaults`.
  void share_defaults(json::Value& action) {
    const json::Value& defaults = *at(root_, {"properties", "defaults", "properties"});
    for (auto& [name, schema] : at(action, {"properties"})->members()) {
      if (defaults.find(name) != nullptr) {
        schema = reference_to("/properties/defaults/properties/" + name);
      }
    }
  }

  void add_actions(const json::Value& common) {
    json::Value type = *common.find("properties")->find("type");
    json::Value names = json::Value::array(), cases = json::Value::array();
    for (const DescribedType& one : types_) {
      const std::string name = "action-" + one.type;
      definitions_.set(name, action_of(one, common, name));
      names.push_back(text(one.type));
      cases.push_back(for_type(one.type, reference_to("/definitions/" + name)));
    }
    if (!types_.empty()) type.find("anyOf")->items().front().set("enum", std::move(names));
    json::Value action =
        json::Value::object({{"type", text("object")},
                             {"description", text(common.string_or("description"))},
                             {"required", json::Value::array({text("type")})},
                             {"properties", json::Value::object({{"type", std::move(type)}})}});
    add_short_forms(action, {"type"});
    add_cases(action, std::move(cases));
    definitions_.set("action", std::move(action));
  }

  static json::Value action_of(const DescribedType& type, const json::Value& common,
                               const std::string& name) {
    json::Value schema = editor_schema(*type.action_schema, name);
    schema.set("description", text(type.summary));
    let_through(common, schema);
    json::Value& properties = schema.find("properties") != nullptr
                                  ? *schema.find("properties")
                                  : schema.set("properties", json::Value::object());
    for (const auto& [member, value] : common.find("properties")->members()) {
      properties.set(member, value);
    }
    properties.set("type", json::Value::object(
                               {{"const", text(type.type)}, {"description", text(type.summary)}}));
    return schema;
  }

  /// A branch that is strict about its members must not refuse the host's.
  static void let_through(const json::Value& common, json::Value& schema) {
    for (const char* const list : {"allOf", "anyOf", "oneOf"}) {
      json::Value* branches = schema.find(list);
      if (branches == nullptr) continue;
      for (json::Value& branch : branches->items()) {
        let_through(common, branch);
        if (branch.find("additionalProperties") == nullptr) continue;
        if (branch.find("properties") == nullptr) branch.set("properties", json::Value::object());
        for (const auto& [member, value] : common.find("properties")->members()) {
          branch.find("properties")->set(member, json::Value::boolean(true));
        }
      }
    }
  }

  void add_modules() {
    json::Value& settings = *at(root_, {"properties", "plugins", "properties", "settings"});
    json::Value& module =
        *at(root_, {"properties", "plugins", "properties", "modules", "additionalProperties"});
    json::Value properties = json::Value::object(), cases = json::Value::array();
    for (const DescribedType& one : types_) {
      const std::string name = "module-" + one.type;
      json::Value schema = editor_schema(*one.module_schema, name);
      schema.set("description", text("Plugin-wide settings of " + one.type + "."));
      definitions_.set(name, std::move(schema));
      properties.set(one.type, reference_to("/definitions/" + name));
      cases.push_back(for_type(
          one.type,
          json::Value::object(
              {{"properties",
                json::Value::object({{"settings", reference_to("/definitions/" + name)}})}})));
    }
    settings.set("properties", std::move(properties));
    settings.set("additionalProperties", json::Value::object({{"type", text("object")}}));
    add_cases(module, std::move(cases));
  }

  /// The keys of this map are action types: those that there are can be offered.
  void name_types(const char* map) {
    json::Value& schema = *at(root_, {"properties", "plugins", "properties", map});
    json::Value properties = json::Value::object();
    for (const DescribedType& one : types_) {
      properties.set(one.type, *schema.find("additionalProperties"));
    }
    schema.set("properties", std::move(properties));
  }

  json::Value finished() {
    json::Value out =
        json::Value::object({{"$schema", text("http://json-schema.org/draft-07/schema#")},
                             {"title", text("The configuration of observerd")},
                             {"type", text("object")}});
    json::Value properties = json::Value::object(
        {{"$schema",
          json::Value::object({{"type", text("string")},
                               {"description", text("Where editors find this schema.")}})}});
    for (auto& [name, value] : at(root_, {"properties"})->members()) {
      properties.set(name, std::move(value));
    }
    out.set("properties", std::move(properties));
    out.set("additionalProperties", json::Value::boolean(false));
    out.set("definitions", std::move(definitions_));
    return out;
  }

  json::Value root_;
  const std::vector<DescribedType>& types_;
  json::Value definitions_ = json::Value::object();
};

}  // namespace

json::Value configuration_schema(const std::vector<DescribedType>& types) {
  return Assembler(Tree(record_settings()).build(), types).assemble();
}

}  // namespace observerd::config
