#include "delivery/lane.hpp"

#include <algorithm>

#include "delivery/retry_policy.hpp"

namespace observerd::delivery {
namespace {

using plugin::Outcome;
using store::HoldCause;

Milliseconds until(SteadyTime time, SteadyTime now) {
  return time > now ? std::chrono::ceil<Milliseconds>(time - now) : Milliseconds(0);
}

}  // namespace

std::optional<Hold> Lane::closed(SteadyTime now) const {
  // A half-open one takes the probe and nothing else.
  if (breaker.state(now) != BreakerState::Closed && !breaker.wants_probe(now)) {
    return Hold{HoldCause::Breaker,
                "the destination failed " + std::to_string(breaker.failures()) + " times in a row"};
  }
  if (throttled_until > now + kShortBreak || (looks_with_one() && in_flight + queue.size() > 0)) {
    return Hold{HoldCause::Throttled, outages > 0 ? "the destination was unavailable just now"
                                                  : "the destination has asked for a break"};
  }
  return std::nullopt;
}

CircuitBreaker::Change Lane::learn(const plugin::ItemResult& result,
                                   const config::DeliverySettings& settings, SteadyTime started,
                                   SteadyTime now) {
  const bool in_time = now - started < settings.timeout;
  switch (result.outcome) {
    case Outcome::Delivered:
      limit.on_success();
      outages = 0;
      return breaker.on_answer();
    case Outcome::Rejected:
    case Outcome::Misconfigured:
    case Outcome::Gone:
      outages = 0;
      return breaker.on_answer();
    case Outcome::Cancelled:
      breaker.cancel_probe();
      return CircuitBreaker::Change::None;
    case Outcome::Throttled:
      outages = 0;
      limit.on_overload(started, now);
      break;
    case Outcome::Unavailable:
    case Outcome::Retry:
    case Outcome::Unknown:
      if (result.outcome == Outcome::Unknown || !in_time) limit.on_overload(started, now);
      break;
  }
  const bool asks_for_break =
      result.outcome == Outcome::Throttled || result.outcome == Outcome::Unavailable;
  if (asks_for_break && result.retry_after.count() > 0) {
    throttled_until =
        std::max(throttled_until, now + std::min(result.retry_after, settings.retry_after_cap));
  }
  if (result.outcome == Outcome::Throttled) {
    // It is there; that it is busy is no failure, and no proof of health either.
    return breaker.state(now) == BreakerState::HalfOpen ? breaker.on_answer()
                                                        : CircuitBreaker::Change::None;
  }
  CircuitBreaker::Change change = CircuitBreaker::Change::None;
  if (settings.breaker) {
    change = breaker.on_failure(*settings.breaker, now);
  } else {
    breaker.cancel_probe();
  }
  if (result.outcome == Outcome::Unavailable) on_outage(settings.retry, started, now);
  return change;
}

/// The others need not run into the same: a break, growing as a delivery's own delays do, and then
/// one at a time. While the breaker is open it alone says when to look again.
void Lane::on_outage(const config::RetrySettings& retry, SteadyTime started, SteadyTime now) {
  if (started < last_outage) return;
  last_outage = now;
  ++outages;
  limit.on_outage(now);
  if (breaker.state(now) == BreakerState::Open) return;
  const auto pause = std::min<Milliseconds>(base_delay(retry, outages), kLongestPause);
  throttled_until = std::max(throttled_until, now + pause);
}

bool Lane::wants_probe(SteadyTime now) const {
  return breaker.wants_probe(now) ||
         (looks_with_one() && throttled_until <= now && in_flight == 0 && queue.empty());
}

void Lane::end_break() {
  throttled_until = {};
  outages = 0;
}

bool Lane::is_idle(SteadyTime now) const {
  return !listed && queue.empty() && in_flight == 0 && throttled_until <= now &&
         breaker.is_fresh(now) && limit.is_fresh(now);
}

LaneState Lane::state(SteadyTime now) const {
  LaneState state;
  state.queued = queue.size();
  state.in_flight = in_flight;
  state.limit = limit.limit();
  state.breaker = breaker.state(now);
  state.failures = breaker.failures();
  if (state.breaker == BreakerState::Open) state.breaker_for = until(breaker.until(), now);
  state.throttled_for = until(throttled_until, now);
  if (!queue.empty()) state.rate_wait = until(queue.earliest(), now);
  return state;
}

}  // namespace observerd::delivery
