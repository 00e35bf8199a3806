#pragma once

#include <cstddef>
#include <string>

#include "base/clock.hpp"
#include "delivery/circuit_breaker.hpp"

namespace observerd::delivery {

/// A destination as it is shown. Times are counted from now; zero: not so.
struct LaneState {
  std::string name;  ///< "TYPE KEY" or "TYPE/MODULE KEY": as in the retry schedule
  std::string type;
  std::string module;  ///< "" for the type's own
  std::string key;
  std::size_t queued = 0;
  std::size_t in_flight = 0;
  std::size_t limit = 1;  ///< of in_flight, now: lowered while the destination is overloaded
  BreakerState breaker = BreakerState::Closed;
  int failures = 0;               ///< in a row
  Milliseconds breaker_for{0};    ///< until an open one is half open
  Milliseconds throttled_for{0};  ///< the break that it has asked for, or that an outage makes
  Milliseconds rate_wait{0};      ///< until the rates let the next delivery go
};

}  // namespace observerd::delivery
