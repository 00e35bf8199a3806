// How an action is delivered: its own settings over `defaults` over what is built in.
#include "config/readers.hpp"

namespace observerd::config {
namespace {

using namespace std::chrono_literals;
using std::chrono::hours;

RetrySettings read_retry(const Reading& reading, Section& parent, const json::Value* value,
                         const RetrySettings& inherited) {
  static constexpr Choice<Backoff> kBackoffs[] = {{"exponential", Backoff::Exponential},
                                                  {"linear", Backoff::Linear},
                                                  {"fixed", Backoff::Fixed}};
  RetrySettings out = inherited;
  if (value == nullptr) return out;
  Section section(reading, value, *value, parent.pointer_to("retry"));
  out.max_attempts =
      static_cast<int>(section.integer("max_attempts", 1, 1000).value_or(out.max_attempts));
  out.backoff = section.choice("backoff", kBackoffs).value_or(out.backoff);
  const auto initial_delay = section.duration("initial_delay", 1ms, hours(24));
  out.initial_delay = initial_delay.value_or(out.initial_delay);
  out.max_delay = section.duration("max_delay", 1ms, hours(7 * 24)).value_or(out.max_delay);
  // An inherited one is cut to max_delay, as every delay is.
  if (initial_delay && *initial_delay > out.max_delay) {
    section.problem("initial_delay", "must not be longer than \"max_delay\", which is " +
                                         format_duration(out.max_delay));
  }
  out.multiplier = section.number("multiplier", 1, 100).value_or(out.multiplier);
  out.jitter = section.number("jitter", 0, 1).value_or(out.jitter);
  section.finish();
  return out;
}

std::optional<BreakerSettings> read_breaker(const Reading& reading, Section& parent,
                                            const std::optional<BreakerSettings>& inherited) {
  const json::Value* value = parent.member("breaker");
  if (value == nullptr) return inherited;
  if (value->is_boolean() && !value->as_boolean()) return std::nullopt;
  BreakerSettings out = inherited.value_or(BreakerSettings{});
  if (value->is_boolean()) return out;
  Section section(reading, value, *value, parent.pointer_to("breaker"));
  out.failures = static_cast<int>(section.integer("failures", 1, 100'000).value_or(out.failures));
  out.window = section.duration("window", 1s, hours(24)).value_or(out.window);
  out.open = section.duration("open", 100ms, hours(24)).value_or(out.open);
  section.finish();
  return out;
}

}  // namespace

DeliverySettings read_delivery(const Reading& reading, Section& section,
                               const DeliverySettings& inherited) {
  static constexpr Choice<OnFailure> kPolicies[] = {
      {"dlq", OnFailure::Dlq}, {"alert", OnFailure::Alert}, {"log", OnFailure::Log}};
  static constexpr Choice<bool> kMissing[] = {{"error", false}, {"empty", true}};
  DeliverySettings out = inherited;
  out.retry = read_retry(reading, section, section.object("retry"), inherited.retry);
  out.timeout = section.duration("timeout", 100ms, 1h).value_or(out.timeout);
  out.on_failure = section.choice("on_failure", kPolicies).value_or(out.on_failure);
  out.concurrency =
      static_cast<int>(section.integer("concurrency", 1, 1000).value_or(out.concurrency));
  if (const auto rate = section.rate("rate")) out.rate = *rate;
  out.breaker = read_breaker(reading, section, inherited.breaker);
  out.retry_after_cap =
      section.duration("retry_after_cap", 0s, hours(7 * 24)).value_or(out.retry_after_cap);
  if (const auto age = section.duration("max_age", 1s, hours(365 * 24))) out.max_age = *age;
  out.unavailable_limit =
      section.duration("unavailable_limit", 0s, hours(365 * 24)).value_or(out.unavailable_limit);
  out.missing_is_empty = section.choice("missing", kMissing).value_or(out.missing_is_empty);
  return out;
}

DeliverySettings read_defaults(const Reading& reading, Section& root, const json::Value& document) {
  Section section(reading, root.object("defaults"), document, "/defaults");
  DeliverySettings out = read_delivery(reading, section, {});
  section.finish();
  return out;
}

}  // namespace observerd::config
