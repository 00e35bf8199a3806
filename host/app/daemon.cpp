#include "app/daemon.hpp"

#include <thread>

#include "app/session.hpp"

namespace observerd::app {
namespace {

using telemetry::Level;

constexpr Milliseconds kDrainLook{10};
/// For the last ledger rows, after the plugins have stopped.
constexpr Milliseconds kLastFlush{10'000};

}  // namespace

Daemon::Daemon(config::Configuration configuration, config::Environment environment,
               telemetry::Log& log)
    : configuration_(std::move(configuration)),
      environment_(std::move(environment)),
      log_(log),
      services_(log) {}

Daemon::~Daemon() {
  if (running_) stop();
}

Status Daemon::prepare_database(source::Installation& installation) {
  const auto connection = open_database(configuration_.settings, "start");
  if (!connection) return connection.status();
  const Result<source::Installation> found = source::installation(**connection);
  if (!found) return found.status();
  installation = *found;
  const config::DatabaseSettings& database = configuration_.settings.database;
  if (installation.shards == database.shards) return {};
  return Status::error(Code::Configuration, "database.shards is " +
                                                std::to_string(database.shards) +
                                                ", but the database was migrated with " +
                                                std::to_string(installation.shards))
      .at(database.place)
      .note("the number of shards is fixed by the first `observerd migrate`: set it to " +
            std::to_string(installation.shards));
}

void Daemon::make_runners() {
  for (const Composition::OpenModule& module : composition_->modules) {
    runners_.push_back(delivery::ModuleRunner::start(module.module, *dispatcher_, log_));
  }
  const auto& observers = configuration_.settings.observers;
  for (std::size_t i = 0; i < observers.size(); ++i) {
    for (std::size_t j = 0; j < observers[i].actions.size(); ++j) {
      const config::ActionSettings& settings = observers[i].actions[j];
      delivery::PreparedAction& action = composition_->plan->observers[i].actions[j];
      for (std::size_t m = 0; m < runners_.size(); ++m) {
        const Composition::OpenModule& module = composition_->modules[m];
        if (module.type == settings.type && module.name == settings.module) {
          action.runner = runners_[m];
        }
      }
    }
  }
}

bool Daemon::start(Diagnostics& diagnostics) {
  composition_ = compose(configuration_, environment_, services_, diagnostics);
  if (!composition_) return false;
  const config::Settings& settings = configuration_.settings;
  source::Installation installation;
  if (Status status = prepare_database(installation); !status.ok()) {
    diagnostics.add(std::move(status));
    return false;
  }
  for (const Composition::OpenModule& module : composition_->modules) {
    if (Status status = module.module->start(); !status.ok()) diagnostics.add(std::move(status));
  }
  if (!diagnostics.ok()) return false;

  delivery::DispatcherOptions options;
  options.shards = settings.database.shards;
  options.queue_events = static_cast<std::size_t>(settings.runtime.queue_events);
  options.queue_bytes = static_cast<std::size_t>(settings.runtime.queue_bytes);
  options.installation = installation.id;
  dispatcher_ = std::make_unique<delivery::Dispatcher>(composition_->plan, options, clock_, log_);
  make_runners();

  source::Options reading;
  reading.database = database_options(settings, "reader");
  reading.shards = settings.database.shards;
  reading.poll_interval = settings.runtime.poll_interval;
  source_ = std::make_unique<source::Source>(reading, *dispatcher_);

  delivery::Settler::Options settling;
  settling.database = database_options(settings, "settler");
  settling.idle_interval = settings.runtime.poll_interval;
  settler_ = std::make_unique<delivery::Settler>(
      settling, source_->ledger(),
      [this](const Status& problem) { log_.write(Level::Error, problem); });
  dispatcher_->connect(*settler_);
  retry_loop_ = std::make_unique<delivery::RetryLoop>(
      database_options(settings, "retries"), settings.database.shards, *dispatcher_, clock_, log_);

  running_ = true;
  source_->start();
  retry_loop_->start();
  return true;
}

bool Daemon::idle() const {
  return source_->drained() && dispatcher_->under_way() == 0 && settler_->backlog() == 0 &&
         retry_loop_->nothing_due();
}

Status Daemon::shards_problem() const {
  for (const source::ShardState& shard : source_->shards()) {
    if (shard.owned) continue;
    return Status::error(Code::LeaseLost,
                         "shard " + std::to_string(shard.shard) + " cannot be read: " +
                             (shard.error.empty() ? "another host has it" : shard.error));
  }
  return {};
}

void Daemon::log_shards() {
  for (const source::ShardState& shard : source_->shards()) {
    if (shard.error == source::kNotStarted) continue;
    const std::string state = shard.owned           ? "reading"
                              : shard.error.empty() ? "another host has it"
                                                    : shard.error;
    std::string& known = shard_states_[shard.shard];
    if (known == state) continue;
    const bool trouble = !shard.owned && !shard.error.empty();
    log_.write(trouble ? Level::Error : Level::Info, trouble ? "OB010 shard not read" : "shard",
               {{"shard", std::to_string(shard.shard)},
                {"state", state},
                {"epoch", std::to_string(shard.lease)}});
    known = state;
  }
}

bool Daemon::stop() {
  running_ = false;
  source_->stop_reading();
  retry_loop_->stop();
  const SteadyTime deadline =
      clock_.steady_now() + configuration_.settings.runtime.shutdown_timeout;
  while (dispatcher_->under_way() > 0 && clock_.steady_now() < deadline) {
    std::this_thread::sleep_for(kDrainLook);
  }
  if (const std::size_t left = dispatcher_->under_way(); left > 0) {
    log_.write(Level::Warn, "shutdown_timeout is over: the rest is delivered after the next start",
               {{"events", std::to_string(left)}});
  }
  dispatcher_->close();
  bool joined = true;
  for (const auto& runner : runners_) joined = runner->stop(clock_.steady_now()) && joined;
  if (Status status = settler_->flush(kLastFlush); !status.ok()) {
    log_.write(Level::Error, status);
  }
  settler_->stop();
  source_->release();
  return joined;
}

}  // namespace observerd::app
