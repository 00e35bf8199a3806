#pragma once

#include <string>

#include "base/json.hpp"

namespace observerd::check {

/// How a sample is made from a schema.
struct SampleStyle {
  bool all_members = false;  ///< else the required ones, and those that name a destination
  std::size_t branch = 0;    ///< which branch of a oneOf or anyOf, where there are so many
};

/// A value that fits the schema as far as can be told without knowing what it means: defaults,
/// examples, the first of an enumeration; strings that fit the pattern. What names a destination
/// points to a closed port of this machine, whatever the default is. The same every time.
json::Value sample_value(const json::Value& schema, const SampleStyle& style);

/// Whether the value fits the schema.
bool fits(const json::Value& value, const json::Value& schema);

}  // namespace observerd::check
