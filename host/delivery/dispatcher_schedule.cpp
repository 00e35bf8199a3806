#include <algorithm>
#include <map>

#include "delivery/dispatcher.hpp"

/// What the dispatcher does for the retry loop, and what an operator sees and changes.
namespace observerd::delivery {
namespace {

using store::HoldCause;
using store::ParkState;

std::string orphan_reason(const PreparedObserver* observer, const std::string& observer_name,
                          const std::string& action_name) {
  return observer ? "the observer has no action \"" + action_name + "\" any more"
                  : "there is no observer \"" + observer_name + "\" any more";
}

}  // namespace

std::shared_ptr<const ActivePlan> Dispatcher::active() const {
  const std::lock_guard lock(active_mutex_);
  return active_;
}

void Dispatcher::replace_plan(std::shared_ptr<const Plan> plan) {
  auto next = std::make_shared<const ActivePlan>(std::move(plan), active().get());
  {
    const std::lock_guard lock(active_mutex_);
    active_.swap(next);
  }
  holds_.forget_reports();
  limit_lanes(*active()->plan);
}

void Dispatcher::limit_lanes(const Plan& plan) {
  std::map<ModuleRunner*, LaneLimits> limits;
  const auto add = [&](const PreparedObserver& observer) {
    for (const PreparedAction& action : observer.actions) {
      if (action.runner != nullptr) limits[action.runner.get()].add(observer.name, action);
    }
  };
  for (const PreparedObserver& observer : plan.observers) add(observer);
  if (plan.alert) add(plan.alert->observer);
  for (auto& [runner, of_runner] : limits) runner->limit_lanes(std::move(of_runner));
}

void Dispatcher::for_each_runner(const std::function<void(ModuleRunner&)>& visit) const {
  const std::shared_ptr<const ActivePlan> plan = active();
  std::vector<ModuleRunner*> seen;
  const auto once = [&](const PreparedObserver& observer) {
    for (const PreparedAction& action : observer.actions) {
      ModuleRunner* runner = action.runner.get();
      if (runner == nullptr || std::find(seen.begin(), seen.end(), runner) != seen.end()) continue;
      seen.push_back(runner);
      visit(*runner);
    }
  };
  for (const PreparedObserver& observer : plan->plan->observers) once(observer);
  if (plan->plan->alert) once(plan->plan->alert->observer);
}

std::vector<LaneState> Dispatcher::lanes() const {
  std::vector<LaneState> all;
  for_each_runner([&](ModuleRunner& runner) {
    std::vector<LaneState> some = runner.lanes();
    std::move(some.begin(), some.end(), std::back_inserter(all));
  });
  return all;
}

bool Dispatcher::resume_lane(const std::string& lane) {
  bool found = false;
  for_each_runner([&](ModuleRunner& runner) { found = runner.resume_lane(lane) || found; });
  return holds_.forget_lane(lane) || found;
}

std::vector<ObserverCounts> Dispatcher::observer_counts() const {
  const std::shared_ptr<const ActivePlan> plan = active();
  std::vector<ObserverCounts> counts;
  for (std::size_t i = 0; i < plan->counters.size(); ++i) {
    counts.push_back(plan->counter(i).counts(plan->plan->observers[i].name));
  }
  return counts;
}

ModuleRunner::ClosedLanes Dispatcher::closed_lanes() const {
  ModuleRunner::ClosedLanes lanes;
  for_each_runner([&](ModuleRunner& runner) { runner.add_closed_lanes(lanes); });
  return lanes;
}

std::size_t Dispatcher::releasable(const store::WaitingGroup& group,
                                   const ModuleRunner::ClosedLanes& lanes, std::size_t most,
                                   std::string& orphan) const {
  const std::shared_ptr<const ActivePlan> plan = active();
  const PreparedObserver* observer = plan->plan->find(group.observer);
  const PreparedAction* action = observer ? observer->find(group.action) : nullptr;
  if (action == nullptr) {
    if (group.state == ParkState::Orphaned) return 0;
    orphan = orphan_reason(observer, group.observer, group.action);
    return most;
  }
  if (!action->blocked.empty() || action->runner == nullptr) return 0;
  const auto has = [&](const std::vector<std::string>& names) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return store::cut_lane(name) == group.lane;
    });
  };
  const Holds::Gate gate =
      holds_.look({group.observer, group.action, group.lane}, clock_.steady_now());
  if (gate == Holds::Gate::Closed) return 0;
  std::size_t count = std::min(most, action->runner->room(group.observer, *action));
  if (has(lanes.closed)) count = has(lanes.probes) ? std::min<std::size_t>(count, 1) : 0;
  return gate == Holds::Gate::Probe ? std::min<std::size_t>(count, 1) : count;
}

void Dispatcher::deliver_parked(store::Parked parked, std::uint64_t lease) {
  const std::shared_ptr<const ActivePlan> plan = active();
  auto work = std::make_shared<EventWork>(parked.event, lease, 0);
  work->hold = parked_.hold(parked);
  work->matched = true;
  work->open();
  const PreparedObserver* observer = plan->plan->find(parked.observer);
  const PreparedAction* action = observer ? observer->find(parked.action) : nullptr;
  const bool unreadable = parked.state == ParkState::Orphaned;
  if (action == nullptr || unreadable) {
    parked.unavailable_since.reset();  // it waits for a person, not for the destination
    if (unreadable) {
      parked.state = ParkState::Held;
      parked.reason = store::hold_reason(HoldCause::Storage, parked.reason);
    } else {
      parked.state = ParkState::Orphaned;
      parked.reason = orphan_reason(observer, parked.observer, parked.action);
    }
    log_.write(telemetry::Level::Warn,
               unreadable ? "a parked delivery cannot be read: it is held for a person"
                          : "a parked delivery has no action any more: it is kept as orphaned",
               {{"delivery_id", parked.delivery_id.to_string()},
                {"observer", parked.observer},
                {"action", parked.action},
                {"reason", parked.reason}});
    work->pending = true;
    work->add(store::Park{std::move(parked)});
    close_work(work, *plan);
    return;
  }
  auto delivery = std::make_unique<Delivery>();
  delivery->work = std::move(work);
  delivery->plan = plan;
  delivery->observer = observer;
  delivery->action_index = static_cast<std::size_t>(action - observer->actions.data());
  delivery->id = parked.delivery_id;
  delivery->ordering_key = parked.ordering_key;
  delivery->started = clock_.now();
  delivery->from_schedule = true;
  delivery->parked = std::move(parked);
  Ready ready;
  ready.push_back(std::move(delivery));
  run(ready);
}

}  // namespace observerd::delivery
