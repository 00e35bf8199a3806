#include "app/host_services.hpp"

#include <mutex>
#include <set>
#include <shared_mutex>

#include "app/secret_parts.hpp"
#include "config/load.hpp"
#include "observerd/plugin.h"

namespace observerd::app {
namespace {

telemetry::Level to_level(int level) {
  const bool known = level >= static_cast<int>(telemetry::Level::Trace) &&
                     level <= static_cast<int>(telemetry::Level::Error);
  return known ? static_cast<telemetry::Level>(level) : telemetry::Level::Info;
}

}  // namespace

class Secrets::Known {
 public:
  void add(const std::vector<std::string>& secrets) {
    const std::unique_lock lock(mutex_);
    for (const std::string& secret : with_url_parts(secrets)) {
      if (seen_.insert(secret).second) all_.push_back(secret);
    }
  }
  std::string mask(std::string text) const {
    const std::shared_lock lock(mutex_);
    return config::mask_secrets(std::move(text), all_);
  }

 private:
  mutable std::shared_mutex mutex_;
  std::set<std::string> seen_;  // thousands of actions may share one secret
  std::vector<std::string> all_;
};

Secrets::Secrets() : known_(std::make_shared<Known>()) {}

void Secrets::add(const std::vector<std::string>& secrets) {
  known_->add(secrets);
}

std::string Secrets::mask(std::string text) const {
  return known_->mask(std::move(text));
}

LoggedHostServices::LoggedHostServices(telemetry::Log& log, telemetry::Metrics* metrics)
    : log_(log), metrics_(metrics) {
  // A copy shares what is known: the log may outlive this.
  log_.set_mask([secrets = secrets_](std::string text) { return secrets.mask(std::move(text)); });
}

bool LoggedHostServices::log_enabled(std::string_view, int level) {
  return log_.enabled(to_level(level));
}

void LoggedHostServices::log(std::string_view type, int level, std::string_view message,
                             const Fields& fields) {
  std::vector<telemetry::Log::Field> all{{"plugin", std::string(type)}};
  for (const auto& [key, value] : fields) all.emplace_back(key, std::string(value));
  log_.write(to_level(level), message, all.data(), all.size());
}

void LoggedHostServices::metric(std::string_view type, int kind, std::string_view name,
                                double value, const Fields& labels) {
  if (metrics_ != nullptr) {
    metrics_->plugin_metric(type, kind, name, value, labels);
    return;
  }
  if (!log_.enabled(telemetry::Level::Trace)) return;
  std::vector<telemetry::Log::Field> all{{"plugin", std::string(type)},
                                         {"metric", std::string(name)},
                                         {"value", std::to_string(value)}};
  for (const auto& [key, label] : labels) all.emplace_back(key, std::string(label));
  log_.write(telemetry::Level::Trace, "metric", all.data(), all.size());
}

telemetry::MetricsOptions metrics_options() {
  telemetry::MetricsOptions options;
  options.version = OBSERVERD_VERSION;
  options.abi_major = OBSERVERD_ABI_MAJOR;
  options.abi_minor = OBSERVERD_ABI_MINOR;
  for (int i = 0; i <= static_cast<int>(plugin::Outcome::Unknown); ++i) {
    options.outcomes.emplace_back(outcome_name(static_cast<plugin::Outcome>(i)));
  }
  return options;
}

}  // namespace observerd::app
