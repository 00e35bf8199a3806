#include "plugin/runner/rate_gate.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace observerd::plugin {

bool RateGate::admit(SteadyTime now) {
  if (last_ != SteadyTime{}) {
    const double seconds = std::chrono::duration<double>(now - last_).count();
    tokens_ = std::min(burst_, tokens_ + seconds * per_second_);
  }
  last_ = now;
  if (tokens_ < 1) {
    ++refused_;
    return false;
  }
  tokens_ -= 1;
  return true;
}

std::uint64_t RateGate::take_refused() {
  return std::exchange(refused_, 0);
}

}  // namespace observerd::plugin
