#include "templates/schema_view.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "base/json_schema_type.hpp"
#include "event/decimal.hpp"

namespace observerd::templates {
namespace {

/// References may lead in circles; no sensible schema refers further than this at one place.
constexpr int kMaxReferences = 32;

/// The schema that a chain of $ref leads to; nullptr when it leads nowhere.
const json::Value* follow(const json::Value& root, const json::Value* schema) {
  for (int i = 0; i < kMaxReferences && schema != nullptr; ++i) {
    const std::string target = schema->string_or("$ref");
    if (target.empty()) return schema;
    if (target.rfind("#/", 0) != 0) return nullptr;
    schema = json::at_pointer(root, std::string_view(target).substr(1));
  }
  return nullptr;
}

/// Whether one of oneOf or anyOf can be the one that the value was written for.
bool can_be_meant(const json::Value& root, const json::Value& schema, const json::Value& value) {
  const json::Value* target = follow(root, &schema);
  if (target == nullptr) return false;
  const json::Value* type = target->find("type");
  if (type != nullptr && type->is_string() && !json::has_schema_type(value, type->text()))
    return false;
  if (type != nullptr && type->is_array() &&
      std::none_of(type->items().begin(), type->items().end(), [&](const json::Value& one) {
        return one.is_string() && json::has_schema_type(value, one.text());
      })) {
    return false;
  }
  const json::Value* constant = target->find("const");
  if (constant != nullptr && !json_equal(*constant, value)) return false;
  const json::Value* choices = target->find("enum");
  if (choices != nullptr && choices->is_array() &&
      std::none_of(choices->items().begin(), choices->items().end(),
                   [&](const json::Value& one) { return json_equal(one, value); })) {
    return false;
  }
  if (!value.is_object()) return true;
  const json::Value* required = target->find("required");
  if (required != nullptr && required->is_array() &&
      !std::all_of(required->items().begin(), required->items().end(),
                   [&](const json::Value& name) {
                     return name.is_string() && value.find(name.text()) != nullptr;
                   })) {
    return false;
  }
  const json::Value* properties = target->find("properties");
  if (properties == nullptr || !properties->is_object()) return true;
  return std::all_of(properties->members().begin(), properties->members().end(),
                     [&](const json::Member& property) {
                       const json::Value* member = value.find(property.first);
                       return member == nullptr || can_be_meant(root, property.second, *member);
                     });
}

}  // namespace

SchemaView::SchemaView(const json::Value& schema, const json::Value& value) : root_(&schema) {
  add(schema, value);
}

void SchemaView::add(const json::Value& schema, const json::Value& value) {
  const json::Value* target = follow(*root_, &schema);
  if (target == nullptr || !target->is_object()) return;
  // Twice the same says nothing new, and a schema that refers to itself would go on for ever.
  if (std::find(schemas_.begin(), schemas_.end(), target) != schemas_.end()) return;
  schemas_.push_back(target);
  const json::Value* all = target->find("allOf");
  if (all != nullptr && all->is_array()) {
    for (const json::Value& part : all->items()) add(part, value);
  }
  for (const char* keyword : {"oneOf", "anyOf"}) {
    const json::Value* branches = target->find(keyword);
    if (branches == nullptr || !branches->is_array()) continue;
    for (const json::Value& branch : branches->items()) {
      if (can_be_meant(*root_, branch, value)) add(branch, value);
    }
  }
}

std::string SchemaView::annotation(std::string_view name) const {
  for (const json::Value* schema : schemas_) {
    if (std::string text = schema->string_or(name); !text.empty()) return text;
  }
  return "";
}

bool SchemaView::is_secret() const {
  return std::any_of(schemas_.begin(), schemas_.end(), [](const json::Value* schema) {
    const json::Value* secret = schema->find("x-secret");
    return secret != nullptr && secret->is_boolean() && secret->as_boolean();
  });
}

SchemaView SchemaView::member(const std::string& name, const json::Value& value) const {
  SchemaView out(*root_);
  for (const json::Value* schema : schemas_) {
    bool named = false;
    if (const json::Value* properties = schema->find("properties")) {
      if (const json::Value* property = properties->find(name)) {
        out.add(*property, value);
        named = true;
      }
    }
    const json::Value* patterns = schema->find("patternProperties");
    if (patterns != nullptr && patterns->is_object()) {
      for (const json::Member& pattern : patterns->members()) {
        const re2::RE2 expression(pattern.first, re2::RE2::Quiet);
        if (!expression.ok() || !re2::RE2::PartialMatch(name, expression)) continue;
        out.add(pattern.second, value);
        named = true;
      }
    }
    const json::Value* others = schema->find("additionalProperties");
    if (!named && others != nullptr) out.add(*others, value);
  }
  return out;
}

SchemaView SchemaView::item(std::size_t index, const json::Value& value) const {
  SchemaView out(*root_);
  for (const json::Value* schema : schemas_) {
    const json::Value* items = schema->find("items");
    if (items != nullptr && items->is_array()) {  // draft 4: one schema for each place
      items =
          index < items->items().size() ? &items->items()[index] : schema->find("additionalItems");
    }
    if (items != nullptr) out.add(*items, value);
  }
  return out;
}

}  // namespace observerd::templates
