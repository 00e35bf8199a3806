#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "delivery/plan.hpp"

namespace observerd::delivery {

/// What an observer did since the start of the process.
struct ObserverCounts {
  std::string observer;
  std::uint64_t matched = 0;    ///< events that fired it
  std::uint64_t delivered = 0;  ///< deliveries, each once
  std::uint64_t failed = 0;     ///< deliveries that failed for good
  std::uint64_t condition_errors = 0;
  std::string last_condition_error;  ///< a recent one (not each is written out)
};

/// The counters behind it. Thread-safe.
class ObserverCounter {
 public:
  std::atomic<std::uint64_t> matched{0}, delivered{0}, failed{0}, condition_errors{0};

  void set_last_condition_error(std::string text);
  ObserverCounts counts(const std::string& observer) const;

 private:
  mutable std::mutex mutex_;
  std::string last_condition_error_;
};

/// A plan in use, with the counters of its observers, which outlive a reload by name.
struct ActivePlan {
  std::shared_ptr<const Plan> plan;
  std::vector<std::shared_ptr<ObserverCounter>> counters;  ///< by observer

  ActivePlan(std::shared_ptr<const Plan> plan, const ActivePlan* before);
  ObserverCounter& counter(std::size_t observer) const { return *counters[observer]; }
};

}  // namespace observerd::delivery
