#include "delivery/budget.hpp"

namespace observerd::delivery {

bool Budget::acquire(std::size_t bytes) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] { return closed_ || fits(bytes); });
  if (closed_) return false;
  ++events_;
  bytes_ += bytes;
  return true;
}

bool Budget::try_acquire(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (closed_ || !fits(bytes)) return false;
  ++events_;
  bytes_ += bytes;
  return true;
}

void Budget::charge(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  ++events_;
  bytes_ += bytes;
}

bool Budget::wait_for_room(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  room_.wait_for(lock, time, [&] { return closed_ || fits(1); });
  return !closed_ && fits(1);
}

void Budget::release(std::size_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    --events_;
    bytes_ -= bytes;
  }
  room_.notify_all();
}

void Budget::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  room_.notify_all();
}

std::size_t Budget::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

}  // namespace observerd::delivery
