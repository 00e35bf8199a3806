#include "config/editor_schema.hpp"

#include <deque>
#include <utility>
#include <vector>

#include "config/schema_view.hpp"
#include "config/text_settings.hpp"

namespace observerd::config {
namespace {

class Translator {
 public:
  Translator(const json::Value& root, const std::string& name)
      : root_(root), prefix_("#/definitions/" + name) {}

  json::Value translate() {
    json::Value out = inside(root_, SchemaView(&root_));
    const json::Value* definitions = root_.find("definitions");
    if (definitions == nullptr) return out;
    json::Value translated = json::Value::object();
    for (const auto& [name, definition] : definitions->members()) {
      translated.set(name, inside(definition, view_of(definition)));
    }
    out.set("definitions", std::move(translated));
    return out;
  }

 private:
  /// What a schema below the root says by itself, wherever it is met.
  SchemaView view_of(const json::Value& schema) {
    json::Value& root =
        roots_.emplace_back(json::Value::object({{"allOf", json::Value::array({schema})}}));
    if (const json::Value* definitions = root_.find("definitions")) {
      root.set("definitions", *definitions);
    }
    return SchemaView(&root);
  }

  /// The schema of a value that stands somewhere: a reference may stand there instead.
  json::Value at_place(const json::Value& schema, const SchemaView& view) {
    json::Value out = inside(schema, view);
    static const json::Value kReference = json::Value::object({{"env", json::Value::string("X")}});
    return view.takes_reference(kReference) ? or_reference(std::move(out)) : out;
  }

  json::Value inside(const json::Value& schema, const SchemaView& view) {
    if (!schema.is_object()) return schema;
    json::Value out = json::Value::object();
    for (const auto& [keyword, value] : schema.members()) add(keyword, value, schema, view, out);
    std::vector<std::string> texts;
    if (const json::Value* properties = schema.find("properties")) {
      for (const auto& [name, property] : properties->members()) {
        if (view.has_string_property(name)) texts.push_back(name);
      }
    }
    add_short_forms(out, texts);
    return out;
  }

  void add(const std::string& keyword, const json::Value& value, const json::Value& schema,
           const SchemaView& view, json::Value& out) {
    if (keyword == "definitions" || keyword == "$schema") return;
    if (keyword == "$ref") {
      out.set(keyword, json::Value::string(prefix_ + value.text().substr(1)));
    } else if (keyword == "properties" || keyword == "patternProperties") {
      json::Value members = json::Value::object();
      for (const auto& [name, member] : value.members()) {
        const bool named = keyword == "properties";  // else a pattern, which is no name
        members.set(name, at_place(member, named ? view.member(name) : view_of(member)));
      }
      out.set(keyword, std::move(members));
    } else if (keyword == "items") {
      out.set(keyword, at_place(value, view.item()));
    } else if (keyword == "additionalProperties") {
      out.set(keyword, at_place(value, view.member(kNobodysName)));
    } else if (keyword == "allOf" || keyword == "anyOf" || keyword == "oneOf") {
      json::Value branches = json::Value::array();
      for (const json::Value& branch : value.items()) branches.push_back(inside(branch, view));
      out.set(keyword, std::move(branches));
    } else if (keyword == "not") {
      out.set(keyword, inside(value, view));
    } else if (keyword == "dependencies") {
      json::Value members = json::Value::object();
      for (const auto& [name, member] : value.members()) members.set(name, inside(member, view));
      out.set(keyword, std::move(members));
    } else if (keyword == "description" && schema.find("x-template") != nullptr) {
      out.set(keyword, json::Value::string(value.text() + " Templates: {{ field }}."));
    } else if (keyword == "exclusiveMinimum" || keyword == "exclusiveMaximum") {
      const bool least = keyword == "exclusiveMinimum";
      add_exclusive(keyword, value, schema.find(least ? "minimum" : "maximum"), out);
    } else {
      out.set(keyword, value);
    }
  }

  static void add_exclusive(const std::string& keyword, const json::Value& value,
                            const json::Value* limit, json::Value& out) {
    if (value.is_number()) {
      out.set(keyword, value);
    } else if (value.is_boolean() && value.as_boolean() && limit != nullptr) {
      out.set(keyword, *limit);
    }
  }

  static constexpr std::string_view kNobodysName = "\x01";
  const json::Value& root_;
  const std::string prefix_;
  std::deque<json::Value> roots_;  ///< of views, which need them where they are
};

}  // namespace

json::Value editor_schema(const json::Value& schema, const std::string& name) {
  return Translator(schema, name).translate();
}

}  // namespace observerd::config
