#include "config/schema_view.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "config/references.hpp"
#include "config/validator.hpp"

namespace observerd::config {
namespace {

constexpr int kMaxHops = 16;
/// A schema has a handful of branches; anything beyond is one that refers to itself.
constexpr std::size_t kMaxNodes = 256;

bool names_type(const json::Value& schema, std::string_view wanted) {
  const json::Value* type = schema.find("type");
  if (type == nullptr) return false;
  if (type->is_string()) return type->text() == wanted;
  return type->is_array() &&
         std::any_of(type->items().begin(), type->items().end(), [&](const json::Value& item) {
           return item.is_string() && item.text() == wanted;
         });
}

bool pattern_matches(const std::string& pattern, std::string_view name) {
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 expression(pattern, options);
  return expression.ok() &&
         RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), expression);
}

/// The schemas that one schema object has for a member: properties and patternProperties, else
/// additionalProperties.
std::vector<const json::Value*> member_schemas(const json::Value& schema, std::string_view name) {
  std::vector<const json::Value*> out;
  if (const json::Value* properties = schema.find("properties")) {
    if (const json::Value* own = properties->find(name)) out.push_back(own);
  }
  const json::Value* patterns = schema.find("patternProperties");
  if (patterns != nullptr && patterns->is_object()) {
    for (const auto& [pattern, next] : patterns->members()) {
      if (pattern_matches(pattern, name)) out.push_back(&next);
    }
  }
  const json::Value* others = schema.find("additionalProperties");
  if (out.empty() && others != nullptr) out.push_back(others);
  return out;
}

bool describes_object(const json::Value& schema) {
  return names_type(schema, "object") || schema.find("properties") != nullptr ||
         schema.find("additionalProperties") != nullptr ||
         schema.find("patternProperties") != nullptr;
}

/// Does this schema allow an object with a member of that name?
bool allows_member(const json::Value& schema, std::string_view name) {
  if (!describes_object(schema)) return false;
  const auto schemas = member_schemas(schema, name);
  return schemas.empty() || !schemas[0]->is_boolean() || schemas[0]->as_boolean();
}

}  // namespace

SchemaView::SchemaView(const json::Value* root) : root_(root) {
  if (root != nullptr) add(*root, 0);
}

void SchemaView::add(const json::Value& schema, int hops) {
  if (!schema.is_object() || hops > kMaxHops || nodes_.size() >= kMaxNodes) return;
  if (const json::Value* reference = schema.find("$ref"); reference != nullptr) {
    const json::Value* target =
        reference->is_string() ? find_definition(*root_, reference->text()) : nullptr;
    if (target != nullptr) add(*target, hops + 1);
    return;
  }
  nodes_.push_back(&schema);
  for (const std::string_view list : {"allOf", "anyOf", "oneOf"}) {
    const json::Value* branches = schema.find(list);
    if (branches == nullptr || !branches->is_array()) continue;
    for (const json::Value& branch : branches->items()) add(branch, hops + 1);
  }
}

SchemaView SchemaView::member(std::string_view name) const {
  SchemaView out;
  out.root_ = root_;
  for (const json::Value* node : nodes_) {
    for (const json::Value* schema : member_schemas(*node, name)) out.add(*schema, 0);
  }
  return out;
}

SchemaView SchemaView::item() const {
  SchemaView out;
  out.root_ = root_;
  for (const json::Value* node : nodes_) {
    if (const json::Value* schema = node->find("items")) out.add(*schema, 0);
  }
  return out;
}

bool SchemaView::expects_string() const {
  return std::any_of(nodes_.begin(), nodes_.end(), [](const json::Value* node) {
    if (names_type(*node, "string")) return true;
    if (node->find("type") != nullptr) return false;
    const json::Value* choices = node->find("enum");
    const json::Value* choice = node->find("const");
    return node->find("pattern") != nullptr || node->find("minLength") != nullptr ||
           node->find("maxLength") != nullptr || node->find("format") != nullptr ||
           (choice != nullptr && choice->is_string()) ||
           (choices != nullptr && choices->is_array() && !choices->items().empty() &&
            choices->items()[0].is_string());
  });
}

bool SchemaView::takes_reference(const json::Value& reference) const {
  if (!looks_like_reference(reference) || !expects_string()) return false;
  return std::none_of(nodes_.begin(), nodes_.end(), [&](const json::Value* node) {
    return std::any_of(
        reference.members().begin(), reference.members().end(),
        [&](const json::Member& member) { return allows_member(*node, member.first); });
  });
}

bool SchemaView::has_property(std::string_view name) const {
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const json::Value* node) {
    const json::Value* properties = node->find("properties");
    return properties != nullptr && properties->find(name) != nullptr;
  });
}

bool SchemaView::has_string_property(std::string_view name) const {
  return has_property(name) && member(name).expects_string();
}

bool SchemaView::is_secret() const {
  return std::any_of(nodes_.begin(), nodes_.end(), [](const json::Value* node) {
    const json::Value* secret = node->find("x-secret");
    return secret != nullptr && secret->is_boolean() && secret->as_boolean();
  });
}

}  // namespace observerd::config
