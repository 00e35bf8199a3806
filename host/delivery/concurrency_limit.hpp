#pragma once

#include <algorithm>
#include <cstddef>

#include "base/clock.hpp"

namespace observerd::delivery {

/// How many deliveries one destination gets at a time: additive increase, multiplicative decrease,
/// as TCP finds its window (RFC 5681, section 3.1). Halved when it says that it is too much or does
/// not answer in time, then raised by one for each full round that goes well, never above what is
/// configured. Not thread-safe.
class ConcurrencyLimit {
 public:
  explicit ConcurrencyLimit(std::size_t most) : most_(most), limit_(static_cast<double>(most)) {}

  std::size_t limit() const { return std::max<std::size_t>(1, static_cast<std::size_t>(limit_)); }
  /// What is configured has changed. What goes beyond it now comes back by itself.
  void set_most(std::size_t most) {
    const bool was_full = limit() >= most_;
    most_ = most;
    if (was_full || limit() > most) limit_ = static_cast<double>(most);
  }
  /// Actions of different settings may share a lane: the largest counts.
  void raise_most(std::size_t most) {
    if (most > most_) set_most(most);
  }
  /// Nothing would be lost by starting anew.
  bool is_fresh(SteadyTime now) const {
    return limit() == most_ || now - decreased_ > std::chrono::minutes(1);
  }

  void on_success() {
    if (limit_ < static_cast<double>(most_)) {
      limit_ = std::min(limit_ + 1.0 / limit_, static_cast<double>(most_));
    }
  }
  /// `started`: when the try began. Those that were under way at the last decrease say nothing new.
  void on_overload(SteadyTime started, SteadyTime now) {
    if (started < decreased_) return;
    decreased_ = now;
    limit_ = std::max(1.0, limit_ / 2);
  }
  /// It is not there at all: one at a time until it answers, as after TCP's time-out (ibid.).
  void on_outage(SteadyTime now) {
    decreased_ = now;
    limit_ = 1.0;
  }

 private:
  std::size_t most_;
  double limit_;
  SteadyTime decreased_{};
};

}  // namespace observerd::delivery
