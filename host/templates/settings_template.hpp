#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "templates/template.hpp"

namespace observerd::templates {

/// The templated members of one action's settings, compiled once.
///
/// The schema says which members are templates (`x-template`, at any depth: properties,
/// additionalProperties, items, and the branches of oneOf/anyOf) and which part of the destination
/// they are (`x-lane`). An object or array under x-template "json" is rendered leaf by leaf; a
/// string there is one text template whose values are escaped for JSON.
class SettingsTemplate {
 public:
  /// Compiles. Problems are OB008, one per broken template, their place holding the JSON pointer
  /// below the settings and the line and column inside the template text as written.
  static SettingsTemplate compile(const json::Value& settings, const json::Value& schema,
                                  Diagnostics& diagnostics);

  /// An object with just the templated members, rendered. The error names the member (pointer).
  Result<json::Value> render(const Context& context, Missing missing) const;

  /// The rendered x-lane parts, joined; "" when the destination is fixed. `rendered` is what
  /// render() gave. "origin" takes scheme://host:port of a URL, "value" the whole.
  std::string lane_suffix(const json::Value& rendered) const;

  /// True when no member holds a tag: render() always gives the same.
  bool is_constant() const;
  std::vector<FieldPath> paths() const;

 private:
  struct Member;
  std::shared_ptr<const std::vector<Member>> members_;
};

}  // namespace observerd::templates
