#include "delivery/observer_counts.hpp"

namespace observerd::delivery {

void ObserverCounter::set_last_condition_error(std::string text) {
  const std::lock_guard lock(mutex_);
  last_condition_error_ = std::move(text);
}

ObserverCounts ObserverCounter::counts(const std::string& observer) const {
  const std::lock_guard lock(mutex_);
  return {observer, matched, delivered, failed, condition_errors, last_condition_error_};
}

ActivePlan::ActivePlan(std::shared_ptr<const Plan> plan_in, const ActivePlan* before)
    : plan(std::move(plan_in)) {
  for (const PreparedObserver& observer : plan->observers) {
    const PreparedObserver* old = before ? before->plan->find(observer.name) : nullptr;
    counters.push_back(
        old ? before->counters[static_cast<std::size_t>(old - before->plan->observers.data())]
            : std::make_shared<ObserverCounter>());
  }
}

}  // namespace observerd::delivery
