#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/compose.hpp"
#include "app/control_loop.hpp"
#include "app/host_services.hpp"
#include "app/insight.hpp"
#include "app/plugin_watch.hpp"
#include "base/clock.hpp"
#include "config/load.hpp"
#include "delivery/dispatcher.hpp"
#include "delivery/module_runner.hpp"
#include "delivery/retry_loop.hpp"
#include "delivery/settler.hpp"
#include "source/progress.hpp"
#include "source/source.hpp"
#include "store/event_place.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace observerd::app {

/// The running host, and the only place that knows all of its parts. One thread uses it.
class Daemon {
 public:
  /// `ask_reload` is called, on any thread, when a command asks for a reload: it makes the thread
  /// that owns the daemon call reload().
  Daemon(config::Configuration configuration, config::Environment environment, telemetry::Log& log,
         std::function<void()> ask_reload);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Everything up to reading and delivering. All problems go to `diagnostics`; false when there is
  /// one, and then nothing runs.
  /// `with_admin`: also the server of the configuration, if it has one.
  bool start(Diagnostics& diagnostics, bool with_admin);

  /// Reads `config_file` anew and switches to it as a whole; false, with all problems in
  /// `diagnostics`, when there is one, and then nothing has changed. Deliveries under way end with
  /// the configuration they began with.
  bool reload(const std::string& config_file, Diagnostics& diagnostics);

  /// What is to be done now and then, about twice a second: with runtime.watch, also taking up
  /// plugin files that have changed.
  void tick();

  /// ok while delivery is moving, or why it is not.
  Status readiness() { return insight_->readiness(); }

  /// Nothing is left to read, to deliver or to write (retries that are not due yet aside).
  bool idle() const;
  /// ok, or why this host cannot get at every shard.
  Status shards_problem() const;

  /// Stops reading, gives what is under way up to runtime.shutdown_timeout, hands the rest back,
  /// writes the ledger. False when a thread is stuck inside a plugin: then the process has to end
  /// without returning to it.
  bool stop();

 private:
  /// A module that runs. What it was opened from is in `module`.
  struct Running {
    Composition::OpenModule module;
    std::shared_ptr<delivery::ModuleRunner> runner;
  };
  /// What was replaced by a reload, until nothing uses it any more.
  struct Retired {
    std::weak_ptr<const delivery::Plan> plan;      ///< expires with its last delivery
    std::vector<Composition::OpenModule> modules;  ///< all of its own, which its actions need
    std::vector<std::shared_ptr<delivery::ModuleRunner>> runners;  ///< those nobody else has
  };

  Status prepare_database(source::Installation& installation);
  /// Triggers must not leave out what the observers of `configuration` want.
  Status widen_captures(postgres::Connection& connection,
                        const config::Configuration& configuration);
  bool start_new_modules(const Composition& composition, Diagnostics& diagnostics);
  /// Starts runners for new modules, and gives every action of the plan its own.
  std::vector<Running> make_runners(const Composition& composition);
  ControlLoop::Hooks control_hooks();
  std::string what_needs_a_restart(const config::Configuration& next);
  void switch_to(config::Configuration configuration, std::shared_ptr<Composition> composition);
  void stop_retired();
  void log_shards();
  /// Follows the plugin directories of the configuration, where it says runtime.watch.
  void follow_plugins();
  /// Takes up plugin files that came, changed or went, with the configuration that runs.
  void look_at_plugins();
  void take_up_plugins();
  /// Logs what is said about plugin files, once for as long as it is so.
  void tell_of_plugins(const Diagnostics& diagnostics);

  config::Configuration configuration_;
  const config::Environment environment_;
  telemetry::Log& log_;
  const std::function<void()> ask_reload_;
  const SystemClock clock_;
  telemetry::Metrics metrics_;
  LoggedHostServices services_;
  std::shared_ptr<Composition> composition_;
  std::deque<Retired> retired_;  ///< oldest first
  std::unique_ptr<delivery::Dispatcher> dispatcher_;
  std::vector<Running> running_modules_;
  std::unique_ptr<source::Source> source_;
  std::unique_ptr<delivery::Settler> settler_;
  std::unique_ptr<delivery::RetryLoop> retry_loop_;
  std::unique_ptr<ControlLoop> control_;
  std::unique_ptr<Insight> insight_;  ///< after all that it asks
  std::map<int, std::string> shard_states_;
  PluginWatch watch_;
  std::set<std::string> told_of_plugins_;
  std::atomic<std::int64_t> retention_ms_{0};
  std::optional<store::EventPlace> purge_from_;  ///< the control loop's own
  bool running_ = false;
  bool stuck_ = false;  ///< a retired runner has a thread inside a plugin
};

}  // namespace observerd::app
