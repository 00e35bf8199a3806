#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "admin/server.hpp"
#include "app/admin_api.hpp"
#include "app/collect.hpp"
#include "config/load.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace observerd::app {

/// Everything that lets a running host be seen from outside: the gauges of its metrics, and the
/// admin server where one is configured. Made when the host runs, gone before its parts are.
class Insight {
 public:
  Insight(Collector::Parts parts, telemetry::Metrics& metrics, telemetry::Log& log);
  ~Insight();
  Insight(const Insight&) = delete;
  Insight& operator=(const Insight&) = delete;

  /// The configuration that counts now: before start(), and after each reload.
  void update(const config::Configuration& configuration,
              std::shared_ptr<const plugin::Registry> plugins);
  /// Listens where `admin` says, if anywhere. OB001 or OB010, with the place in the file.
  Status start();
  /// The host drains: it is not ready from now on, and can still be watched.
  void set_stopping() { collector_.set_stopping(); }
  /// The plugins that count now. Thread-safe.
  std::shared_ptr<const plugin::Registry> plugins() const;
  /// As /readyz answers. Never waits.
  Status readiness() { return collector_.readiness(); }
  /// Why this host has stalled, or "". Never waits.
  std::string stalled() { return collector_.stall().message(); }
  /// "" without a server.
  std::string address() const { return server_ ? server_->address() : std::string(); }

 private:
  std::shared_ptr<const config::Configuration> configuration() const;
  std::string fingerprint() const;

  telemetry::Metrics& metrics_;
  telemetry::Log& log_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<const config::Configuration> configuration_;
  std::shared_ptr<const plugin::Registry> plugins_;
  std::string fingerprint_;
  DatabasePool pool_;
  OwnCommands commands_;
  Collector collector_;
  std::unique_ptr<admin::Server> server_;
};

}  // namespace observerd::app
