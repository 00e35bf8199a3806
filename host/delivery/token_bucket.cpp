#include "delivery/token_bucket.hpp"

#include <algorithm>

namespace observerd::delivery {
namespace {

constexpr std::chrono::milliseconds kBurst{50};

}  // namespace

TokenBucket::TokenBucket(const config::RateSettings& rate)
    : rate_(rate),
      interval_(std::chrono::nanoseconds(rate.per) / std::max(rate.count, 1)),
      slack_(std::max<std::chrono::nanoseconds>(kBurst - interval_, std::chrono::nanoseconds(0))) {}

bool TokenBucket::try_take(SteadyTime now) {
  if (now < next()) return false;
  due_ = std::max(due_, now) + interval_;
  return true;
}

SteadyTime TokenBucket::next() const {
  return due_ == SteadyTime{} ? due_ : due_ - slack_;
}

std::chrono::nanoseconds TokenBucket::time_for(std::size_t waiting) const {
  return interval_ * static_cast<std::int64_t>(waiting);
}

}  // namespace observerd::delivery
