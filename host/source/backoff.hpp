#pragma once

#include <algorithm>
#include <random>

#include "base/clock.hpp"

namespace observerd::source {

/// Waits between attempts to reach the database: doubling from 50 ms to 10 s, each shortened by up
/// to a half at random, so that many hosts do not come back to a restarted server all at once.
class Backoff {
 public:
  explicit Backoff(std::uint32_t seed) : random_(seed) {}

  Milliseconds next() {
    const Milliseconds longest = delay_;
    delay_ = std::min(2 * delay_, kMaximum);
    return Milliseconds(std::uniform_int_distribution<Milliseconds::rep>(longest.count() / 2,
                                                                         longest.count())(random_));
  }
  void reset() { delay_ = kInitial; }

  static constexpr Milliseconds kInitial{50};
  static constexpr Milliseconds kMaximum{10'000};

 private:
  Milliseconds delay_ = kInitial;
  std::minstd_rand random_;
};

}  // namespace observerd::source
