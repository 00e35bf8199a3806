#include "app/host_services.hpp"

#include <string>
#include <vector>

namespace observerd::app {
namespace {

telemetry::Level to_level(int level) {
  const bool known = level >= static_cast<int>(telemetry::Level::Trace) &&
                     level <= static_cast<int>(telemetry::Level::Error);
  return known ? static_cast<telemetry::Level>(level) : telemetry::Level::Info;
}

}  // namespace

bool LoggedHostServices::log_enabled(std::string_view, int level) {
  return log_.enabled(to_level(level));
}

void LoggedHostServices::log(std::string_view type, int level, std::string_view message,
                             const Fields& fields) {
  std::vector<telemetry::Log::Field> all{{"plugin", std::string(type)}};
  for (const auto& [key, value] : fields) all.emplace_back(key, std::string(value));
  log_.write(to_level(level), message, all.data(), all.size());
}

void LoggedHostServices::metric(std::string_view type, int, std::string_view name, double value,
                                const Fields& labels) {
  if (!log_.enabled(telemetry::Level::Trace)) return;
  std::vector<telemetry::Log::Field> all{{"plugin", std::string(type)},
                                         {"metric", std::string(name)},
                                         {"value", std::to_string(value)}};
  for (const auto& [key, label] : labels) all.emplace_back(key, std::string(label));
  log_.write(telemetry::Level::Trace, "metric", all.data(), all.size());
}

}  // namespace observerd::app
