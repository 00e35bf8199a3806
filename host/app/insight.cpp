#include "app/insight.hpp"

#include "app/fingerprint.hpp"
#include "app/plugin_policy.hpp"

namespace observerd::app {
namespace {

/// Fewer than the server has threads, so that a database that hangs never takes the last one from
/// /healthz and /metrics.
constexpr std::size_t kConnections = 4;
constexpr Milliseconds kPatience{2000};

}  // namespace

Insight::Insight(Collector::Parts parts, telemetry::Metrics& metrics, telemetry::Log& log)
    : metrics_(metrics),
      log_(log),
      clock_(parts.clock),
      pool_(parts.database, kConnections, kPatience),
      commands_(own_program()),
      collector_(std::move(parts)) {
  metrics_.set_collector([this](telemetry::Gauges& gauges) { collector_.collect(gauges); });
}

Insight::~Insight() {
  pool_.close();
  commands_.close();
  server_.reset();
  metrics_.set_collector(nullptr);
}

void Insight::update(const config::Configuration& configuration,
                     std::shared_ptr<const plugin::Registry> plugins) {
  collector_.set_plugins(plugins);
  collector_.set_patience(settling_patience(configuration.settings));
  auto shared = std::make_shared<const config::Configuration>(configuration);
  std::string print = app::fingerprint(configuration);
  const std::lock_guard lock(mutex_);
  configuration_ = std::move(shared);
  plugins_ = std::move(plugins);
  fingerprint_ = std::move(print);
}

std::shared_ptr<const config::Configuration> Insight::configuration() const {
  const std::lock_guard lock(mutex_);
  return configuration_;
}

std::shared_ptr<const plugin::Registry> Insight::plugins() const {
  const std::lock_guard lock(mutex_);
  return plugins_;
}

std::string Insight::fingerprint() const {
  const std::lock_guard lock(mutex_);
  return fingerprint_;
}

Status Insight::start() {
  const auto configuration = this->configuration();
  const auto& settings = configuration->settings.admin;
  if (!settings) return {};
  admin::Contents contents;
  contents.metrics = [this] { return metrics_.render(); };
  contents.readiness = [this] { return collector_.readiness(); };
  contents.api = admin_endpoints({pool_, [this] { return this->configuration(); },
                                  [this] { return this->plugins(); }, clock_,
                                  [this] { return this->fingerprint(); }, commands_});
  server_ = std::make_unique<admin::Server>(
      admin::ServerOptions{settings->listen, settings->token, {}}, std::move(contents), log_);
  Status status = server_->start();
  if (status.ok()) return {};
  return std::move(status).at(settings->place);
}

}  // namespace observerd::app
