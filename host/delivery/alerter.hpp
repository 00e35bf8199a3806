#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "delivery/failure.hpp"
#include "delivery/observer_counts.hpp"
#include "delivery/work.hpp"
#include "telemetry/log.hpp"

namespace observerd::delivery {

/// The name of the observer, and the entity, of an alert.
inline constexpr const char* kAlertName = "observerd.alert";

/// What the alert's action is rendered against: a custom event of entity "observerd.alert" whose
/// key is that of the event and whose row is {observer, action, type, error, error_code, message,
/// attempts, dead_letter, event_id, entity, id, suppressed}.
Event alert_event(const Failure& failure, std::uint64_t suppressed, WallTime now);

/// Makes deliveries of failures, as often as the rate of the alert allows: what is beyond is
/// counted and told by the next one. An alert is tried once, is in no schedule, and its own failure
/// is only logged. Thread-safe.
class Alerter {
 public:
  Alerter(const Clock& clock, telemetry::Log& log) : clock_(clock), log_(log) {}

  /// nullptr when there is no alert action, when its rate is used up, or when it cannot be rendered
  /// (which is logged).
  DeliveryPtr make(const std::shared_ptr<const ActivePlan>& plan, const Failure& failure);
  /// Logs an alert that did not arrive.
  void failed(const Delivery& alert, const std::string& why);

 private:
  bool may_go(const config::RateSettings& rate, std::uint64_t& suppressed);

  const Clock& clock_;
  telemetry::Log& log_;
  std::mutex mutex_;
  std::deque<SteadyTime> sent_;  ///< the last ones, as many as the rate counts
  std::uint64_t suppressed_ = 0;
};

}  // namespace observerd::delivery
