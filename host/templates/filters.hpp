#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "templates/tree.hpp"

namespace observerd::templates {

/// A filter by its name, and what its argument may be.
struct FilterRule {
  enum class Argument : unsigned char { None, Count, Text, Format, Literal };

  std::string_view name;
  Filter::Kind kind;
  Argument argument;

  /// Fills `out`, or says in one sentence what is wrong with the argument; "" when it is fine.
  std::string accept(const std::optional<json::Value>& given, Filter& out) const;
};

/// nullptr when there is none of that name.
const FilterRule* find_filter(std::string_view name);
const std::vector<std::string>& filter_names();
std::string_view filter_name(Filter::Kind kind);

/// What a filter makes of a value that is there; Default is not for here. Null stays null, except
/// for `json`. OB008 when the filter cannot take the value or the result would be too large.
Result<json::Value> apply_filter(const Filter& filter, const json::Value& value);

/// How a value is written into text: strings bare, numbers to the letter, null as nothing, arrays
/// and objects as JSON.
void append_text(std::string& out, const json::Value& value);

}  // namespace observerd::templates
