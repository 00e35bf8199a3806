#pragma once

#include <optional>
#include <string>

#include "delivery/circuit_breaker.hpp"
#include "delivery/concurrency_limit.hpp"
#include "delivery/fair_queue.hpp"
#include "delivery/holds.hpp"
#include "delivery/lane_state.hpp"

namespace observerd::delivery {

/// One destination: its queue and what is known about it. Not thread-safe: the runner guards it.
struct Lane {
  /// A break that is shorter than this is waited for in memory; else deliveries go to the schedule.
  static constexpr Milliseconds kShortBreak{1000};
  /// The same for what an action's rate makes wait.
  static constexpr std::chrono::seconds kLongestRateWait{10};
  /// Of the breaks that a destination gets by itself for being unavailable.
  static constexpr std::chrono::seconds kLongestPause{30};

  FairQueue queue;
  CircuitBreaker breaker;
  ConcurrencyLimit limit{1};
  SteadyTime throttled_until{};
  int outages = 0;  ///< UNAVAILABLE in a row; those that were under way together count once
  SteadyTime last_outage{};
  std::size_t in_flight = 0;  ///< deliveries
  std::size_t calls = 0;
  bool listed = false;      ///< the runner has it in its row of lanes with something to do
  bool is_planned = false;  ///< the plan in force says how many deliveries may go at a time

  /// Why a delivery must not wait here now; nullopt when it may.
  std::optional<Hold> closed(SteadyTime now) const;
  /// A single delivery may go, to see whether the destination is back.
  bool wants_probe(SteadyTime now) const;
  /// Learns from the outcome of a try.
  CircuitBreaker::Change learn(const plugin::ItemResult& result,
                               const config::DeliverySettings& settings, SteadyTime started,
                               SteadyTime now);
  /// By order of a person.
  void end_break();
  /// Nothing would be lost by forgetting it.
  bool is_idle(SteadyTime now) const;
  LaneState state(SteadyTime now) const;

 private:
  /// It was unavailable more than once in a row: what comes while one delivery looks whether it is
  /// back waits in the schedule, not in memory.
  bool looks_with_one() const { return outages > 1; }
  void on_outage(const config::RetrySettings& retry, SteadyTime started, SteadyTime now);
};

}  // namespace observerd::delivery
