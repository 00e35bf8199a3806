#pragma once

#include <chrono>

#include "base/clock.hpp"
#include "config/settings.hpp"

namespace observerd::delivery {

/// Keeps to a rate: at most `count` in each `per`, spread evenly; what was not used within a
/// twentieth of a second may go together, so that a timer that wakes late does not lower the rate.
/// The generic cell rate algorithm (ITU-T I.371): one point in time is all its state. Not
/// thread-safe.
class TokenBucket {
 public:
  explicit TokenBucket(const config::RateSettings& rate);

  /// Takes `now`'s token, if there is one.
  bool try_take(SteadyTime now);
  /// When the next token can be had; a time that is not after `now` means at once.
  SteadyTime next() const;
  /// How long `waiting` others need until all of them have had a token.
  std::chrono::nanoseconds time_for(std::size_t waiting) const;
  const config::RateSettings& rate() const { return rate_; }

 private:
  config::RateSettings rate_;
  std::chrono::nanoseconds interval_;
  std::chrono::nanoseconds slack_;
  SteadyTime due_{};  ///< of the next token, were they given out evenly
};

}  // namespace observerd::delivery
