#pragma once

#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace observerd::config {

/// What a schema says about one place of a value, all of its $ref, allOf, anyOf and oneOf taken
/// together: which members are secrets, where a string belongs. A small value; the schema must
/// outlive it.
class SchemaView {
 public:
  /// `root` holds the definitions; nullptr for no schema at all: everything is free-form.
  explicit SchemaView(const json::Value* root);

  /// The view of a member of this object, of an item of this array.
  SchemaView member(std::string_view name) const;
  SchemaView item() const;

  /// Nothing is said about this place: what stands here is data.
  bool is_free_form() const { return nodes_.empty(); }
  /// Is a string wanted here, so that `reference` may stand for one? Not where an object with the
  /// reference's own members is allowed too: there it is data.
  bool takes_reference(const json::Value& reference) const;
  /// A member of that name is declared and may be a string.
  bool has_string_property(std::string_view name) const;
  bool has_property(std::string_view name) const;
  /// "x-secret": true
  bool is_secret() const;

 private:
  SchemaView() = default;
  void add(const json::Value& schema, int hops);
  bool expects_string() const;

  const json::Value* root_ = nullptr;
  std::vector<const json::Value*> nodes_;
};

}  // namespace observerd::config
