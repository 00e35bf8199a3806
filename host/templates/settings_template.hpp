#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "templates/template.hpp"

namespace observerd::templates {

/// What one of the templated members may read.
struct SettingRead {
  std::string pointer;  ///< of the member, below the settings
  PathRead read;
};

/// The templated members of one action's settings, compiled once. Immutable, cheap to copy, safe to
/// render from many threads.
///
/// The schema says which members are templates (`x-template`, at any depth: properties,
/// patternProperties, additionalProperties, items, $ref to #/definitions, allOf, and the branches
/// of oneOf/anyOf) and which part of the destination they are (`x-lane`). An object or array under
/// x-template "json" is rendered leaf by leaf: a string that is exactly one `{{ path }}` becomes
/// the value with its type. Under any other x-template each string of an object or array is a text
/// template of that kind. A string under x-template "json" is one text template whose values are
/// escaped for the inside of a JSON string. Names of members are never templates.
class SettingsTemplate {
 public:
  /// Compiles. Problems are OB008, one per broken template, their place holding the JSON pointer
  /// below the settings and the line and column inside the template text as written.
  ///
  /// `as_written` is the same object before its references ({"env"}, {"credential"}, `x_env` …)
  /// were resolved: only a string that the user wrote in place is a template, so that a secret that
  /// happens to hold "{{" goes out as it is. Without it every string counts as written in place.
  static SettingsTemplate compile(const json::Value& settings, const json::Value& schema,
                                  Diagnostics& diagnostics,
                                  const json::Value* as_written = nullptr);

  /// An object with just the templated members, rendered. A list that holds a template at any depth
  /// is given whole, for its items have no
  /// names, but without its secrets (`x-secret`). The error names the member (pointer).
  Result<json::Value> render(const Context& context, Missing missing) const;
  /// What render() always gives, written once; nullptr when something has to be rendered.
  const std::shared_ptr<const std::string>& constant_text() const;

  /// The rendered x-lane parts, joined with ","; "" when the destination is fixed. `rendered` is
  /// what render() gave. "origin" takes scheme://host:port of a URL (lower case, the port always
  /// written; anything that is no URL counts whole), "value" the whole. A URL whose own text
  /// settles scheme, host and port adds nothing.
  std::string lane_suffix(const json::Value& rendered) const;

  /// True when lane_suffix() may give something: deliveries go to more than one destination.
  bool splits_lanes() const;

  /// True when no member holds a tag: render() always gives the same.
  bool is_constant() const;
  /// What may be read of the event, each once for a member.
  std::vector<SettingRead> reads() const;

 private:
  struct Plan;
  class Compiler;
  std::shared_ptr<const Plan> plan_;
};

}  // namespace observerd::templates
