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

  FairQueue queue;
  CircuitBreaker breaker;
  ConcurrencyLimit limit{1};
  SteadyTime throttled_until{};
  std::size_t in_flight = 0;  ///< deliveries
  std::size_t calls = 0;
  bool listed = false;  ///< the runner has it in its row of lanes with something to do

  /// Why a delivery must not wait here now; nullopt when it may.
  std::optional<Hold> closed(SteadyTime now) const;
  /// Learns from the outcome of a try.
  CircuitBreaker::Change learn(const plugin::ItemResult& result,
                               const config::DeliverySettings& settings, SteadyTime started,
                               SteadyTime now);
  /// Nothing would be lost by forgetting it.
  bool is_idle(SteadyTime now) const;
  LaneState state(SteadyTime now) const;
};

}  // namespace observerd::delivery
