#pragma once

#include <chrono>
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
  /// The same without waiting: false when there is no room.
  bool try_acquire(std::size_t bytes);
  /// Takes it whether there is room or not.
  void charge(std::size_t bytes);
  /// Waits until there is room for something more, at most so long. False when there is none then.
  bool wait_for_room(std::chrono::milliseconds time);
  void release(std::size_t bytes);
  /// Wakes all that wait; nothing gets in any more.
  void close();
  std::size_t events() const;

 private:
  bool fits(std::size_t bytes) const {
    return events_ == 0 || (events_ < max_events_ && bytes_ + bytes <= max_bytes_);
  }

  const std::size_t max_events_;
  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::size_t events_ = 0;
  std::size_t bytes_ = 0;
  bool closed_ = false;
};

}  // namespace observerd::delivery
