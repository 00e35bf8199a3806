#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "condition/operand.hpp"
#include "condition/program.hpp"

namespace observerd::matcher {

using condition::Operand;

/// What is looked up: the value of a field, or a fact about both rows of an update. The field of a
/// changed-to is missing when nothing changed.
enum class Subject : std::uint8_t { Value, Changed, ChangedTo, ChangedFrom };

/// A term that an index can look up: true exactly for the events whose subject is one of some keys,
/// or lies in a range.
struct Access {
  enum class Kind : std::uint8_t { Equal, Range };
  Kind kind = Kind::Equal;
  Subject subject = Subject::Value;
  const FieldPath* path = nullptr;
  std::vector<Operand> keys;  ///< of Equal: views into the tree
  std::int64_t least = 0;     ///< of Range, as range_key counts
  std::int64_t most = 0;      ///< inclusive
};

std::optional<Access> access_of(const condition::Term& term);
/// The same question without the answer's details.
bool gives_access(const condition::Term& term);

/// A number's place on the line on which ranges are compared: twice floor(number × 10^6), plus one
/// when there is more behind it; numbers beyond ±10^12 meet at the ends. Ranges whose limits have
/// no place of their own are not looked up.
std::int64_t range_key(const Operand& number);
constexpr std::int64_t kOpenBelow = INT64_MIN;
constexpr std::int64_t kOpenAbove = INT64_MAX;

}  // namespace observerd::matcher
