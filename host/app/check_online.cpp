#include "app/check_online.hpp"

#include <functional>

#include "app/check_captured.hpp"
#include "app/session.hpp"
#include "app/shards_check.hpp"

namespace observerd::app {
namespace {

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
    check_captured(configuration, composition, **connection, diagnostics);
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
