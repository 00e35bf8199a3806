#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "event/event.hpp"

namespace observerd {

/// Where a condition or a template reads: `status`, `new.total`, `old["a.b"].c[0]`, `event.kind`.
/// The grammar is the `path` of the condition language. A plain value.
struct FieldPath {
  enum class Root : unsigned char { Row, New, Old, Event };
  using Step = std::variant<std::string, std::size_t>;  // a member, or an index from 0

  Root root = Root::Row;
  std::vector<Step> steps;

  /// The canonical text; parse_path reads it back to an equal path.
  std::string to_string() const;
  bool operator==(const FieldPath&) const = default;
};

/// Reads a path; `offset` of the error is in its place as column. `data.x` becomes `x`.
/// `code` goes into the error (a condition's or a template's).
Result<FieldPath> parse_path(std::string_view text, Code code);

/// The value at a path, or nullptr when any part is missing (a null that is there is a Null value).
/// `scratch` holds the values that are made on the fly (`event.*`).
const json::Value* resolve(const Event& event, const FieldPath& path, json::Value& scratch);
/// The steps alone, below a given value.
const json::Value* resolve_steps(const json::Value* value,
                                 const std::vector<FieldPath::Step>& steps, std::size_t first = 0);

}  // namespace observerd
