#pragma once

#include <memory>
#include <mutex>

#include "app/movement.hpp"
#include "app/status_sampler.hpp"
#include "base/clock.hpp"
#include "delivery/dispatcher.hpp"
#include "delivery/settler.hpp"
#include "plugin/registry.hpp"
#include "source/source.hpp"
#include "telemetry/gauges.hpp"

namespace observerd::app {

/// Asks the parts of a running host how they are: for the metrics and for /readyz. Thread-safe.
class Collector {
 public:
  /// All of these outlive the collector and may be asked from any thread.
  struct Parts {
    const source::Source& source;
    const delivery::Dispatcher& dispatcher;
    const delivery::Settler& settler;
    const Clock& clock;
    postgres::Options database;
  };

  explicit Collector(Parts parts) : parts_(std::move(parts)), sampler_(parts_.database) {}

  void set_plugins(std::shared_ptr<const plugin::Registry> registry);
  /// See settling_patience().
  void set_patience(Milliseconds patience);
  /// Takes at most two seconds, whatever the database does.
  void collect(telemetry::Gauges& gauges);
  /// ok while delivery is moving as far as this host can tell (see Movement). Never waits.
  Status readiness();
  /// ok, or why this host has stalled: what others are shown.
  Status stall();
  /// From now on readiness() says that the host is stopping.
  void set_stopping();

 private:
  Parts parts_;
  std::mutex mutex_;
  std::shared_ptr<const plugin::Registry> plugins_;
  Movement movement_;
  bool stopping_ = false;
  StatusSampler sampler_;
};

}  // namespace observerd::app
