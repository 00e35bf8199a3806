#pragma once

#include <atomic>

#include "base/clock.hpp"

namespace observerd::testing {

/// A clock that moves only when told to. Thread-safe.
class ManualClock final : public Clock {
 public:
  WallTime now() const override { return WallTime(Milliseconds(1'700'000'000'000) + offset()); }
  SteadyTime steady_now() const override { return SteadyTime(Milliseconds(1'000'000) + offset()); }
  void advance(Milliseconds by) { offset_ms_ += by.count(); }

 private:
  Milliseconds offset() const { return Milliseconds(offset_ms_.load()); }
  std::atomic<std::int64_t> offset_ms_{0};
};

}  // namespace observerd::testing
