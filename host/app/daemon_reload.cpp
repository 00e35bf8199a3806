#include "app/daemon.hpp"

#include <algorithm>

#include "app/fingerprint.hpp"
#include "app/session.hpp"

/// Taking up a changed configuration while everything runs.
namespace observerd::app {

using telemetry::Level;

std::string Daemon::what_needs_a_restart(const config::Configuration& next) {
  const config::RuntimeSettings& old_runtime = configuration_.settings.runtime;
  const config::RuntimeSettings& new_runtime = next.settings.runtime;
  const config::LogSettings& old_log = configuration_.settings.log;
  const config::LogSettings& new_log = next.settings.log;
  const auto& old_admin = configuration_.settings.admin;
  const auto& new_admin = next.settings.admin;
  const struct {
    const char* setting;
    bool changed;
  } fixed[] = {
      {"runtime.queue_events", old_runtime.queue_events != new_runtime.queue_events},
      {"runtime.queue_bytes", old_runtime.queue_bytes != new_runtime.queue_bytes},
      {"runtime.overflow", old_runtime.overflow != new_runtime.overflow},
      {"runtime.poll_interval", old_runtime.poll_interval != new_runtime.poll_interval},
      {"log", old_log.level != new_log.level || old_log.json != new_log.json},
      {"admin", old_admin.has_value() != new_admin.has_value() ||
                    (old_admin && (old_admin->listen != new_admin->listen ||
                                   old_admin->token != new_admin->token))},
  };
  std::string changed;
  for (const auto& one : fixed) {
    if (!one.changed) continue;
    log_.write(Level::Warn, "a setting has changed that counts from the next start on",
               {{"setting", one.setting}});
    changed += (changed.empty() ? "" : ", ") + std::string(one.setting);
  }
  return changed;
}

bool Daemon::reload(const std::string& config_file, Diagnostics& diagnostics) {
  control_->begin_reload();
  const auto refuse = [&] {
    std::string text = "the configuration is refused, the one before stays in use";
    for (const Status& error : diagnostics.errors()) text += "\n" + error.to_string();
    control_->answer_reload(false, std::move(text));
    return false;
  };
  std::optional<config::Configuration> next = config::load(config_file, environment_, diagnostics);
  if (!next) return refuse();
  const config::DatabaseSettings& was = configuration_.settings.database;
  const config::DatabaseSettings& database = next->settings.database;
  if (database.url != was.url || database.schema != was.schema || database.shards != was.shards) {
    diagnostics.add(Status::error(Code::Configuration,
                                  "the database cannot be changed while observerd runs: restart it")
                        .at(database.place));
    return refuse();
  }
  auto composition = compose(*next, environment_, services_, diagnostics, composition_.get());
  if (!composition) return refuse();
  const auto connection = open_database(next->settings, "reload");
  Status status = connection ? widen_captures(**connection, *next) : connection.status();
  if (!status.ok()) diagnostics.add(std::move(status));
  if (!diagnostics.ok() || !start_new_modules(*composition, diagnostics)) return refuse();
  const std::string later = what_needs_a_restart(*next);
  const bool follow_others =
      next->settings.runtime.watch != configuration_.settings.runtime.watch ||
      next->settings.plugins.directories != configuration_.settings.plugins.directories;
  switch_to(std::move(*next), std::make_shared<Composition>(std::move(*composition)));
  if (follow_others) follow_plugins();
  control_->answer_reload(
      true, later.empty() ? "reloaded" : "reloaded; from the next start on: " + later);
  return true;
}

void Daemon::switch_to(config::Configuration configuration,
                       std::shared_ptr<Composition> composition) {
  Retired retired;
  retired.plan = composition_->plan;
  for (const Running& running : running_modules_) retired.modules.push_back(running.module);
  std::vector<Running> modules = make_runners(*composition);
  for (const Running& running : running_modules_) {
    const bool stays = std::any_of(modules.begin(), modules.end(), [&](const Running& one) {
      return one.runner == running.runner;
    });
    if (!stays) retired.runners.push_back(running.runner);
  }
  running_modules_ = std::move(modules);
  dispatcher_->replace_plan(composition->plan);
  retired_.push_back(std::move(retired));
  composition_ = std::move(composition);
  configuration_ = std::move(configuration);
  retention_ms_ = configuration_.settings.runtime.event_log_retention.count();
  insight_->update(configuration_, composition_->registry);
  control_->set_fingerprint(fingerprint(configuration_));
}

/// What an old configuration had of its own ends with the last delivery that began under it; in
/// order, since a later one may share runners with an earlier one.
void Daemon::stop_retired() {
  while (!retired_.empty() && retired_.front().plan.expired()) {
    for (const auto& runner : retired_.front().runners) {
      if (!runner->stop(clock_.steady_now())) stuck_ = true;
    }
    retired_.pop_front();
  }
}

}  // namespace observerd::app
