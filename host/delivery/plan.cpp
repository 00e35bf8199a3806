#include "delivery/plan.hpp"

#include <algorithm>

namespace observerd::delivery {

std::string lane_name(const std::string& observer, const PreparedAction& action,
                      const std::string& suffix) {
  std::string name = action.type;
  if (!action.module.empty()) name.append("/").append(action.module);
  name += ' ';
  if (action.bound->names_lane()) {
    name += action.bound->lane_key();
  } else {
    name.append(observer).append("/").append(action.name);
  }
  if (!suffix.empty()) name.append(" ").append(suffix);
  return name;
}

std::string unrendered_lane(const std::string& observer, const PreparedAction& action) {
  if (action.bound == nullptr || action.settings.splits_lanes()) {
    return observer + "/" + action.name;
  }
  return lane_name(observer, action, "");
}

bool is_called(std::string_view lane, std::string_view wanted) {
  return lane == wanted || lane.substr(std::min(lane.find(' ') + 1, lane.size())) == wanted;
}

const PreparedAction* PreparedObserver::find(std::string_view action) const {
  const auto found = std::find_if(actions.begin(), actions.end(),
                                  [&](const PreparedAction& a) { return a.name == action; });
  return found == actions.end() ? nullptr : &*found;
}

void Plan::for_each_action(const std::function<void(PreparedAction&)>& visit) {
  for (PreparedObserver& observer : observers) {
    for (PreparedAction& action : observer.actions) visit(action);
  }
  if (!alert) return;
  for (PreparedAction& action : alert->observer.actions) visit(action);
}

const PreparedObserver* Plan::find(std::string_view observer) const {
  const auto found = std::find_if(observers.begin(), observers.end(),
                                  [&](const PreparedObserver& o) { return o.name == observer; });
  return found == observers.end() ? nullptr : &*found;
}

}  // namespace observerd::delivery
