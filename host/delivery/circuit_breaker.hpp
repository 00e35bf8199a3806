#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"

namespace observerd::delivery {

enum class BreakerState : unsigned char { Closed, Open, HalfOpen };
/// "closed", "open", "half_open".
const char* state_name(BreakerState state);

/// Whether a destination is worth trying. Closed until so many tries in a row have failed within a
/// window; then open for a while; then half open: one try at a time decides. A pure value, not
/// thread-safe: its lane guards it.
class CircuitBreaker {
 public:
  enum class Change : unsigned char { None, Opened, Closed };

  /// A try that says that the destination does not work. Failures of tries that began before it
  /// opened change nothing while it is open.
  Change on_failure(const config::BreakerSettings& settings, SteadyTime now);
  /// A try that the destination has answered sensibly, also with a refusal.
  Change on_answer();
  /// Closes it by order of a person.
  Change reset() { return on_answer(); }

  BreakerState state(SteadyTime now) const;
  /// Open: when it is half open. Half open: when the next probe may go, should the last one have
  /// been lost.
  SteadyTime until() const { return until_; }
  /// Half open, and no probe is under way.
  bool wants_probe(SteadyTime now) const { return open_ && now >= until_ && now >= probe_until_; }
  /// Lets a probe go; another one may follow when its outcome has not come by `until`.
  void start_probe(SteadyTime until) { probe_until_ = until; }
  /// The probe did not go out after all, or came back without saying anything.
  void cancel_probe() { probe_until_ = {}; }
  int failures() const { return failures_; }
  /// Nothing would be lost by forgetting it.
  bool is_fresh(SteadyTime now) const { return !open_ && (failures_ == 0 || now >= forget_at_); }

 private:
  bool open_ = false;
  int failures_ = 0;  ///< in a row
  SteadyTime first_failure_{};
  SteadyTime forget_at_{};
  SteadyTime until_{};
  SteadyTime probe_until_{};
};

}  // namespace observerd::delivery
