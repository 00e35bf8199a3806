#include "common/pacer.hpp"

#include <algorithm>

namespace observerd::common {

SteadyTime Pacer::turn(const std::string& key, SteadyTime now, SteadyTime deadline) {
  const std::lock_guard lock(mutex_);
  forget_idle(now);
  const auto known = even_.find(key);
  const SteadyTime even = known == even_.end() ? now : std::max(known->second, now);
  const SteadyTime turn = std::max(now, even - ahead_);
  if (turn < deadline) even_[key] = even + interval_;
  return turn;
}

void Pacer::hold(const std::string& key, SteadyTime until) {
  const std::lock_guard lock(mutex_);
  SteadyTime& even = even_[key];
  even = std::max(even, until + ahead_);
}

void Pacer::forget_idle(SteadyTime now) {
  if (even_.size() < look_at_) return;
  std::erase_if(even_, [&](const auto& one) { return one.second <= now; });
  look_at_ = std::max<std::size_t>(1'024, 2 * even_.size());
}

}  // namespace observerd::common
