#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/compose.hpp"
#include "app/host_services.hpp"
#include "base/clock.hpp"
#include "config/load.hpp"
#include "delivery/dispatcher.hpp"
#include "delivery/module_runner.hpp"
#include "delivery/retry_loop.hpp"
#include "delivery/settler.hpp"
#include "source/progress.hpp"
#include "source/source.hpp"
#include "telemetry/log.hpp"

namespace observerd::app {

/// The running host, and the only place that knows all of its parts. One thread uses it.
class Daemon {
 public:
  Daemon(config::Configuration configuration, config::Environment environment, telemetry::Log& log);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Everything up to reading and delivering. All problems go to `diagnostics`; false when there is
  /// one, and then nothing runs.
  bool start(Diagnostics& diagnostics);

  /// Nothing is left to read, to deliver or to write (retries that are not due yet aside).
  bool idle() const;
  /// ok, or why this host cannot get at every shard.
  Status shards_problem() const;
  /// Logs what has changed about the shards since the last call.
  void log_shards();

  /// Stops reading, gives what is under way up to runtime.shutdown_timeout, hands the rest back,
  /// writes the ledger. False when a thread is stuck inside a plugin: then the process has to end
  /// without returning to it.
  bool stop();

 private:
  Status prepare_database(source::Installation& installation);
  void make_runners();

  config::Configuration configuration_;
  const config::Environment environment_;
  telemetry::Log& log_;
  const SystemClock clock_;
  LoggedHostServices services_;
  std::optional<Composition> composition_;
  std::unique_ptr<delivery::Dispatcher> dispatcher_;
  std::vector<std::shared_ptr<delivery::ModuleRunner>> runners_;
  std::unique_ptr<source::Source> source_;
  std::unique_ptr<delivery::Settler> settler_;
  std::unique_ptr<delivery::RetryLoop> retry_loop_;
  std::map<int, std::string> shard_states_;
  bool running_ = false;
};

}  // namespace observerd::app
