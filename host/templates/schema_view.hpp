#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace observerd::templates {

/// What a JSON Schema says about one value: every subschema that applies to it. Follows $ref to
/// #/definitions, allOf, and those branches of oneOf and anyOf that can be meant, judged by type,
/// const, enum, required and properties. It reads annotations (x-template, x-lane) off a settings
/// object that has been validated already; it does not validate. Views into the schema.
class SchemaView {
 public:
  SchemaView(const json::Value& schema, const json::Value& value);

  /// The string of an annotation, from the first subschema that has it; "" when none has.
  std::string annotation(std::string_view name) const;
  /// x-secret
  bool is_secret() const;
  /// The views of the value's parts.
  SchemaView member(const std::string& name, const json::Value& value) const;
  SchemaView item(std::size_t index, const json::Value& value) const;

 private:
  explicit SchemaView(const json::Value& root) : root_(&root) {}
  void add(const json::Value& schema, const json::Value& value);

  const json::Value* root_;
  std::vector<const json::Value*> schemas_;
};

}  // namespace observerd::templates
