#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"

namespace observerd::telemetry {

/// Keeps what happens again and again from filling the log: of each key one entry an interval.
/// At most kMaxKeys are remembered; beyond that the oldest is forgotten. Thread-safe.
class Repetition {
 public:
  static constexpr std::size_t kMaxKeys = 1000;

  Repetition(const Clock& clock, Milliseconds interval) : clock_(clock), interval_(interval) {}

  /// nullopt: say nothing now. Else say it, and how many times it was left unsaid since the last
  /// entry.
  std::optional<std::uint64_t> say(std::string_view key);

 private:
  struct Seen {
    SteadyTime said;
    std::uint64_t unsaid = 0;
  };
  const Clock& clock_;
  const Milliseconds interval_;
  std::mutex mutex_;
  std::unordered_map<std::string, Seen> seen_;
};

}  // namespace observerd::telemetry
