#include <algorithm>

#include "delivery/module_runner.hpp"
#include "plugin/registry.hpp"

/// What is to be seen of a runner's lanes, and what a person or the dispatcher may do to them.
namespace observerd::delivery {

std::vector<LaneState> ModuleRunner::lanes() const {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = std::chrono::steady_clock::now();
  std::vector<LaneState> states;
  states.reserve(lanes_.size());
  for (const auto& [name, lane] : lanes_) {
    LaneState state = lane.state(now);
    state.name = name;
    state.type = module_->type().type;
    state.module = name_;
    state.key = name.substr(std::min(name.find(' ') + 1, name.size()));
    states.push_back(std::move(state));
  }
  return states;
}

bool ModuleRunner::resume_lane(const std::string& wanted) {
  const std::lock_guard lock(mutex_);
  bool found = false;
  for (auto& [name, lane] : lanes_) {
    if (!is_called(name, wanted)) continue;
    found = true;
    lane.end_break();
    if (lane.breaker.reset() == CircuitBreaker::Change::Closed) {
      log_.write(telemetry::Level::Info,
                 Status::error(Code::CircuitOpen, "circuit closed by order"), {{"lane", name}});
    }
  }
  work_.notify_all();
  return found;
}

void ModuleRunner::limit_lanes(LaneLimits limits) {
  const std::lock_guard lock(mutex_);
  limits_ = std::move(limits);
  for (auto lane = lanes_.begin(); lane != lanes_.end(); ++lane) {
    set_limit(lane);
    list_if_ready(lane);
  }
}

/// As the plan says; a lane that only earlier plans had keeps what it has.
void ModuleRunner::set_limit(LaneMap::iterator lane) {
  const std::optional<std::size_t> most = limits_.most(lane->first);
  lane->second.is_planned = most.has_value();
  if (most) lane->second.limit.set_most(*most);
}

void ModuleRunner::add_closed_lanes(ClosedLanes& lanes) const {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = std::chrono::steady_clock::now();
  for (const auto& [name, lane] : lanes_) {
    const bool closed = lane.closed(now).has_value();
    const bool probe = !closed && lane.wants_probe(now);
    if (closed || probe) lanes.closed.push_back(name);
    if (probe) lanes.probes.push_back(name);
  }
}

SteadyTime ModuleRunner::oldest_queued() const {
  const std::lock_guard lock(mutex_);
  SteadyTime oldest = SteadyTime::max();
  for (const auto& [name, lane] : lanes_) {
    const Delivery* first = lane.queue.oldest();
    if (first != nullptr) oldest = std::min(oldest, first->work->arrived);
  }
  return oldest;
}

DeliveryPtr ModuleRunner::take_oldest() {
  const std::lock_guard lock(mutex_);
  Lane* oldest = nullptr;
  for (auto& [name, lane] : lanes_) {
    const Delivery* first = lane.queue.oldest();
    if (first == nullptr) continue;
    if (oldest == nullptr || first->work->arrived < oldest->queue.oldest()->work->arrived) {
      oldest = &lane;
    }
  }
  return oldest == nullptr ? nullptr : oldest->queue.take_oldest();
}

}  // namespace observerd::delivery
