#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace observerd::delivery {

/// How many events, and bytes of them, may be in memory: the back-pressure on the readers.
/// Thread-safe.
class Budget {
 public:
  Budget(std::size_t max_events, std::size_t max_bytes)
      : max_events_(max_events), max_bytes_(max_bytes) {}

  /// Waits for room; an event larger than the whole budget goes in alone. False once closed.
  bool acquire(std::size_t bytes);
  void release(std::size_t bytes);
  /// Wakes all that wait; nothing gets in any more.
  void close();
  std::size_t events() const;

 private:
  const std::size_t max_events_;
  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::size_t events_ = 0;
  std::size_t bytes_ = 0;
  bool closed_ = false;
};

}  // namespace observerd::delivery
