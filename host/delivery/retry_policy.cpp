#include "delivery/retry_policy.hpp"

#include <algorithm>
#include <cmath>

namespace observerd::delivery {
namespace {

using plugin::Outcome;

Verdict terminal(Code code, std::string why) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::Terminal;
  verdict.code = code;
  verdict.why = std::move(why);
  return verdict;
}

Verdict again(Milliseconds delay) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::Again;
  verdict.code = Code::ActionFailed;
  verdict.delay = delay;
  return verdict;
}

std::string seconds(Milliseconds value) {
  return std::to_string(value.count() / 1000) + " s";
}

}  // namespace

Milliseconds base_delay(const config::RetrySettings& retry, int failures) {
  const double initial = static_cast<double>(retry.initial_delay.count());
  const double max = static_cast<double>(retry.max_delay.count());
  double delay = initial;
  switch (retry.backoff) {
    case config::Backoff::Exponential:
      delay = initial * std::pow(retry.multiplier, failures - 1);
      break;
    case config::Backoff::Linear:
      delay = initial * failures;
      break;
    case config::Backoff::Fixed:
      break;
  }
  // pow overflows to infinity, which min brings back.
  return Milliseconds(std::llround(std::min(delay, max)));
}

Milliseconds jittered_delay(const config::RetrySettings& retry, int failures, double random) {
  const double base = static_cast<double>(base_delay(retry, failures).count());
  const double factor = 1.0 + retry.jitter * (2.0 * random - 1.0);
  return std::min(Milliseconds(std::llround(base * factor)), retry.max_delay);
}

Milliseconds honour_retry_after(Milliseconds own, Milliseconds asked, Milliseconds cap) {
  return std::clamp(asked, own, std::max(own, cap));
}

std::optional<WallTime> unavailable_since(Outcome outcome, std::optional<WallTime> before,
                                          WallTime now) {
  switch (outcome) {
    case Outcome::Unavailable:
      return before.value_or(now);
    case Outcome::Cancelled:
    case Outcome::Unknown:
      return before;
    default:
      return std::nullopt;
  }
}

Verdict decide(const plugin::ItemResult& result, const config::DeliverySettings& settings,
               const TryFacts& facts, double random) {
  const auto age = std::chrono::duration_cast<Milliseconds>(facts.now - facts.event_created);
  // What only a person can repair is looked at seldom.
  const bool needs_person =
      result.outcome == Outcome::Misconfigured || result.outcome == Outcome::Gone;
  switch (result.outcome) {
    case Outcome::Delivered:
      return {};
    case Outcome::Rejected:
      if (result.poison) return terminal(Code::PluginMisbehaved, result.message);
      return terminal(Code::ActionFailedForGood, "the receiver refused it for good");
    case Outcome::Misconfigured:
    case Outcome::Gone:
    case Outcome::Cancelled:
      break;
    case Outcome::Unavailable:
      if (facts.now - facts.unavailable_since.value_or(facts.now) >= settings.unavailable_limit) {
        return terminal(Code::RetriesExhausted, "the destination has been unavailable for " +
                                                    seconds(settings.unavailable_limit));
      }
      break;
    default:
      if (facts.attempts >= settings.retry.max_attempts) {
        return terminal(Code::RetriesExhausted,
                        "all " + std::to_string(facts.attempts) + " attempts failed");
      }
      break;
  }
  Milliseconds delay =
      needs_person ? settings.retry.max_delay : jittered_delay(settings.retry, facts.tries, random);
  if (result.retry_after.count() > 0) {
    delay = honour_retry_after(delay, result.retry_after, settings.retry_after_cap);
  }
  // What needs a person is held, and what was called back as good as not tried: its age counts when
  // it is tried again.
  const bool counts_age = !needs_person && result.outcome != Outcome::Cancelled;
  if (counts_age && settings.max_age && age + delay > *settings.max_age) {
    return terminal(Code::RetriesExhausted,
                    "the next attempt would be later than max_age " + seconds(*settings.max_age));
  }
  Verdict verdict = again(delay);
  verdict.costs_attempt = !needs_person && result.outcome != Outcome::Unavailable &&
                          result.outcome != Outcome::Cancelled;
  verdict.needs_person = needs_person;
  return verdict;
}

}  // namespace observerd::delivery
