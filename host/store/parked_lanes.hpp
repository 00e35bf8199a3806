#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "postgres/connection.hpp"

namespace observerd::store {

/// What the retry schedule keeps for one destination.
struct ParkedLane {
  std::string lane;  ///< its name; "" for what was never rendered
  std::int64_t due = 0, behind = 0, held = 0, orphaned = 0;
  std::string reason;        ///< the one that most of the held and orphaned give, or ""
  std::string earliest_due;  ///< RFC 3339, or ""
};

/// Reads the whole schedule once: for people, not for a loop.
Result<std::vector<ParkedLane>> parked_lanes(postgres::Connection& connection);

}  // namespace observerd::store
