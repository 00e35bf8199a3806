#pragma once

#include "plugin/module.hpp"
#include "telemetry/log.hpp"

namespace observerd::app {

/// What plugins say goes to the daemon's log: messages at their level, metrics at level trace.
class LoggedHostServices final : public plugin::HostServices {
 public:
  explicit LoggedHostServices(telemetry::Log& log) : log_(log) {}

  bool log_enabled(std::string_view type, int level) override;
  void log(std::string_view type, int level, std::string_view message,
           const Fields& fields) override;
  void metric(std::string_view type, int kind, std::string_view name, double value,
              const Fields& labels) override;

 private:
  telemetry::Log& log_;
};

}  // namespace observerd::app
