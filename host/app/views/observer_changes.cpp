#include "app/views/observer_changes.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "store/control.hpp"

namespace observerd::app::views {
namespace {

store::PauseRow parse_target(const std::string& target) {
  const std::size_t slash = std::min(target.find('/'), target.size());
  store::PauseRow row;
  row.observer = target.substr(0, slash);
  row.action = target.substr(std::min(slash + 1, target.size()));
  row.cause = "operator";
  return row;
}

template <typename Change>
Result<std::vector<ObserverChange>> change_each(const std::vector<std::string>& targets,
                                                Change change) {
  std::vector<ObserverChange> changes;
  for (const std::string& target : targets) {
    const Result<bool> changed = change(parse_target(target));
    if (!changed) return changed.status();
    changes.push_back({target, *changed});
  }
  return changes;
}

}  // namespace

std::string problem_of_target(const std::string& target, const config::Settings& settings) {
  const store::PauseRow wanted = parse_target(target);
  std::vector<std::string> observers, actions;
  for (const config::ObserverSettings& observer : settings.observers) {
    observers.push_back(observer.name);
    if (observer.name != wanted.observer) continue;
    for (const config::ActionSettings& action : observer.actions) actions.push_back(action.name);
  }
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!has(observers, wanted.observer)) {
    return "there is no observer \"" + wanted.observer + "\"" +
           did_you_mean(wanted.observer, observers);
  }
  if (wanted.action.empty() || has(actions, wanted.action)) return "";
  return "the observer \"" + wanted.observer + "\" has no action \"" + wanted.action + "\"" +
         did_you_mean(wanted.action, actions);
}

json::Value to_json(const std::vector<ObserverChange>& changes) {
  json::Value list = json::Value::array();
  for (const ObserverChange& change : changes) {
    list.push_back(json::Value::object({{"name", json::Value::string(change.target)},
                                        {"changed", json::Value::boolean(change.changed)}}));
  }
  return list;
}

Result<std::vector<ObserverChange>> pause_observers(postgres::Connection& connection,
                                                    const std::vector<std::string>& targets,
                                                    const std::string& reason) {
  store::Control control(connection);
  return change_each(targets, [&](store::PauseRow row) {
    row.reason = reason;
    return control.pause(row);
  });
}

Result<std::vector<ObserverChange>> resume_observers(postgres::Connection& connection,
                                                     const std::vector<std::string>& targets) {
  store::Control control(connection);
  return change_each(targets, [&](const store::PauseRow& row) {
    return row.action.empty() ? control.resume_all(row.observer)
                              : control.resume(row.observer, row.action);
  });
}

}  // namespace observerd::app::views
