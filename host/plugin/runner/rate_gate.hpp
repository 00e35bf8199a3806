#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace observerd::plugin {

/// Lets `burst` things through at once and `per_second` in the long run, and counts the others. Not
/// thread-safe.
class RateGate {
 public:
  RateGate(double per_second, double burst)
      : per_second_(per_second), burst_(burst), tokens_(burst) {}

  bool admit(SteadyTime now);
  /// How many were refused since this was asked the last time.
  std::uint64_t take_refused();

 private:
  const double per_second_, burst_;
  double tokens_;
  SteadyTime last_{};
  std::uint64_t refused_ = 0;
};

}  // namespace observerd::plugin
