#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace observerd::source {

/// Outbox ids from `first` to `last`, both included.
struct IdRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  bool operator==(const IdRange&) const = default;
};

/// Ascending and disjoint.
using IdRanges = std::vector<IdRange>;

/// An int8multirange as PostgreSQL prints it: "{[1,4),[9,10)}". OB019 when it is none, or
/// unbounded.
Result<IdRanges> parse_ranges(std::string_view text);
std::string ranges_text(const IdRanges& ranges);

}  // namespace observerd::source
