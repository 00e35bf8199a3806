#include "app/check_online.hpp"

#include <algorithm>
#include <functional>

#include "app/session.hpp"
#include "app/shards_check.hpp"
#include "app/uncaptured.hpp"
#include "capture/capture.hpp"
#include "condition/column_check.hpp"

namespace observerd::app {
namespace {

/// Each observer against the table that its entity is captured from.
void check_columns(const config::Configuration& configuration, postgres::Connection& connection,
                   Diagnostics& diagnostics) {
  const auto captured = capture::list(connection);
  if (!captured) {
    diagnostics.add(captured.status());
    return;
  }
  // Warnings: applications may emit events of entities that are no table.
  for (Status& one : uncaptured(configuration.settings, *captured)) {
    diagnostics.warn(std::move(one));
  }
  for (const config::ObserverSettings& observer : configuration.settings.observers) {
    const bool is_captured =
        std::any_of(captured->begin(), captured->end(),
                    [&](const capture::Captured& one) { return one.entity == observer.entity; });
    if (!is_captured || observer.when.empty()) continue;
    const auto columns = capture::columns(connection, observer.entity);
    if (!columns) {
      diagnostics.add(columns.status());
      continue;
    }
    std::vector<std::pair<std::string, std::string>> types;
    for (const capture::Column& column : *columns) types.emplace_back(column.name, column.type);
    const auto condition = condition::Condition::parse(observer.when);
    if (!condition) continue;  // reported when the configuration was read
    Diagnostics found = condition::check_columns(*condition, types);
    const auto place = [&](Status status) {
      Place where = configuration.sources.place(observer.when_origin);
      where.pointer = observer.place.pointer + "/when";
      return std::move(status).at(where);
    };
    for (const Status& error : found.errors()) diagnostics.add(place(error));
    for (const Status& warning : found.warnings()) diagnostics.warn(place(warning));
  }
}

/// What a plugin says may hold what it was given: receivers repeat it.
Status masked(const Status& status, const std::function<std::string(std::string)>& mask) {
  Status out = Status::error(status.code(), mask(status.message()));
  for (const std::string& note : status.notes()) out.note(mask(note));
  return out;
}

void probe_destinations(const config::Configuration& configuration, const Composition& composition,
                        Diagnostics& diagnostics) {
  const auto& observers = configuration.settings.observers;
  for (std::size_t i = 0; i < observers.size(); ++i) {
    for (std::size_t j = 0; j < observers[i].actions.size(); ++j) {
      const delivery::PreparedAction& action = composition.plan->observers[i].actions[j];
      const Composition::OpenModule* module =
          composition.find(action.type, observers[i].actions[j].module);
      if (action.bound == nullptr || module == nullptr) continue;
      bool supported = false;
      const Status problem = module->module->probe(*action.bound, supported);
      if (!supported || problem.ok()) continue;
      Status status = masked(problem, action.mask);
      status.context("observer \"" + observers[i].name + "\", action \"" + action.name + "\"");
      diagnostics.add(std::move(status).at(observers[i].actions[j].place));
    }
  }
}

}  // namespace

void check_online(const config::Configuration& configuration, const Composition* composition,
                  Diagnostics& diagnostics) {
  auto connection = open_database(configuration.settings, "check");
  if (!connection) {
    diagnostics.add(connection.status().at(configuration.settings.database.place));
  } else {
    const auto installation = source::installation(**connection);
    Status shards = installation ? check_shards(configuration.settings.database, *installation)
                                 : installation.status();
    if (!shards.ok()) diagnostics.add(std::move(shards));
    check_columns(configuration, **connection, diagnostics);
  }
  if (composition == nullptr) return;
  bool started = true;
  for (const Composition::OpenModule& module : composition->modules) {
    if (Status status = module.module->start(); !status.ok()) {
      diagnostics.add(std::move(status));
      started = false;
    }
  }
  if (started) probe_destinations(configuration, *composition, diagnostics);
  for (const Composition::OpenModule& module : composition->modules) module.module->stop();
}

}  // namespace observerd::app
