#include "delivery/circuit_breaker.hpp"

namespace observerd::delivery {

const char* state_name(BreakerState state) {
  switch (state) {
    case BreakerState::Closed:
      return "closed";
    case BreakerState::Open:
      return "open";
    case BreakerState::HalfOpen:
      return "half_open";
  }
  return "closed";
}

CircuitBreaker::Change CircuitBreaker::on_failure(const config::BreakerSettings& settings,
                                                  SteadyTime now) {
  if (open_) {
    if (now < until_) return Change::None;
    // The probe failed: the same again.
    ++failures_;
    until_ = now + settings.open;
    probe_until_ = {};
    return Change::None;
  }
  if (failures_ == 0 || now - first_failure_ > settings.window) {
    failures_ = 0;
    first_failure_ = now;
    forget_at_ = now + settings.window;
  }
  if (++failures_ < settings.failures) return Change::None;
  open_ = true;
  until_ = now + settings.open;
  probe_until_ = {};
  return Change::Opened;
}

CircuitBreaker::Change CircuitBreaker::on_answer() {
  const bool was_open = open_;
  *this = CircuitBreaker();
  return was_open ? Change::Closed : Change::None;
}

BreakerState CircuitBreaker::state(SteadyTime now) const {
  if (!open_) return BreakerState::Closed;
  return now < until_ ? BreakerState::Open : BreakerState::HalfOpen;
}

}  // namespace observerd::delivery
