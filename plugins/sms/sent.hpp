#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/clock.hpp"

namespace observerd::sms {

/// Which deliveries a provider has taken, and by which id, so that none of them is sent again
/// within the window: providers have no idempotency key. In memory only, the newest 65536 at most.
/// Thread-safe.
class Sent {
 public:
  /// A window of 0 remembers nothing.
  explicit Sent(Milliseconds window) : window_(window) {}

  /// The provider's id of the message; nullopt when the delivery is not known to be sent.
  std::optional<std::string> find(std::string_view delivery, SteadyTime now) const;
  void add(std::string_view delivery, const std::string& remote_id, SteadyTime now);

 private:
  static constexpr std::size_t kMost = 65'536;
  struct Entry {
    SteadyTime until;
    std::string remote_id;
  };

  const Milliseconds window_;
  mutable std::mutex mutex_;
  std::deque<std::string> oldest_first_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace observerd::sms
