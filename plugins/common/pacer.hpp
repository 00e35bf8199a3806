#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"

namespace observerd::common {

/// Spaces what goes to each of many destinations: one an interval, after a short burst (the generic
/// cell rate algorithm). Destinations that are idle are forgotten. Thread-safe.
class Pacer {
 public:
  Pacer(Milliseconds interval, int burst) : interval_(interval), ahead_(interval * (burst - 1)) {}

  /// When the next one may go to `key`. A turn at or after `deadline` is told and not taken.
  SteadyTime turn(const std::string& key, SteadyTime now, SteadyTime deadline);
  /// Nothing more goes to `key` before `until`, but what has its turn already.
  void hold(const std::string& key, SteadyTime until);

 private:
  void forget_idle(SteadyTime now);

  const Milliseconds interval_;
  const Milliseconds ahead_;  ///< so much earlier than evenly spaced the burst may come
  std::mutex mutex_;
  std::unordered_map<std::string, SteadyTime> even_;  ///< the next turn if all were evenly spaced
  std::size_t look_at_ = 1'024;
};

}  // namespace observerd::common
