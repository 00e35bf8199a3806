#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugin/module.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace observerd::app {

/// What is known to be secret. Grows only: what was one before a reload stays one. Thread-safe.
class Secrets {
 public:
  Secrets();
  /// These, and the parts of URLs among them that can give them away (with_url_parts).
  void add(const std::vector<std::string>& secrets);
  /// The text with each of them replaced.
  std::string mask(std::string text) const;

 private:
  class Known;
  std::shared_ptr<Known> known_;
};

/// What plugins say goes to the daemon's log, and their metrics to its metrics (without any: to the
/// log, at level trace). Thread-safe.
class LoggedHostServices final : public plugin::HostServices {
 public:
  /// Both must outlive it. From now on the log's mask is what learn() was told.
  explicit LoggedHostServices(telemetry::Log& log, telemetry::Metrics* metrics = nullptr);

  /// Secrets that were resolved from the configuration: to be told before a plugin gets them, so
  /// that not even what it says while it opens can give them away.
  void learn(const std::vector<std::string>& secrets) { secrets_.add(secrets); }

  bool log_enabled(std::string_view type, int level) override;
  void log(std::string_view type, int level, std::string_view message,
           const Fields& fields) override;
  void metric(std::string_view type, int kind, std::string_view name, double value,
              const Fields& labels) override;

 private:
  telemetry::Log& log_;
  telemetry::Metrics* const metrics_;
  Secrets secrets_;
};

/// The outcomes are those of plugin::Outcome, in their order.
telemetry::MetricsOptions metrics_options();

}  // namespace observerd::app
