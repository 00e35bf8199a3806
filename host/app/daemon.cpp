#include "app/daemon.hpp"

#include <algorithm>
#include <thread>

#include "app/fingerprint.hpp"
#include "app/host_state.hpp"
#include "app/interests.hpp"
#include "app/session.hpp"
#include "app/shards_check.hpp"
#include "app/uncaptured.hpp"
#include "capture/sync.hpp"
#include "store/retention.hpp"

namespace observerd::app {
namespace {

using telemetry::Level;

constexpr Milliseconds kDrainLook{10};
/// For the last ledger rows, after the plugins have stopped.
constexpr Milliseconds kLastFlush{10'000};

/// Of the event log, in one step of its retention.
constexpr int kPurgeBatch = 1000;

const char* const kAsking = "asking the database which configuration counts";

}  // namespace

Daemon::Daemon(config::Configuration configuration, config::Environment environment,
               telemetry::Log& log, std::function<void()> ask_reload)
    : configuration_(std::move(configuration)),
      environment_(std::move(environment)),
      log_(log),
      ask_reload_(std::move(ask_reload)),
      metrics_(metrics_options()),
      services_(log, &metrics_) {}

Daemon::~Daemon() {
  if (running_) stop();
}

Status Daemon::prepare_database(source::Installation& installation) {
  const auto connection = open_database(configuration_.settings, "start");
  if (!connection) return connection.status();
  const Result<source::Installation> found = source::installation(**connection);
  if (!found) return found.status();
  installation = *found;
  if (Status status = check_shards(configuration_.settings.database, installation); !status.ok()) {
    return status;
  }
  return widen_captures(**connection, configuration_);
}

Status Daemon::widen_captures(postgres::Connection& connection,
                              const config::Configuration& configuration) {
  const auto captured = capture::list(connection);
  if (!captured) return captured.status();
  for (const Status& one : uncaptured(configuration.settings, *captured)) {
    log_.write(Level::Warn, one);
  }
  const std::vector<capture::Interest> observers = interests(configuration.settings);
  const bool log_everything = configuration.settings.runtime.event_log == config::EventLog::All;
  const auto starved = capture::starved(connection, observers, log_everything);
  if (!starved) return starved.status();
  if (starved->empty()) return {};
  capture::SyncOptions options;
  options.log_everything = log_everything;
  const auto synced = capture::sync(connection, observers, options);
  if (!synced) return synced.status();
  for (const capture::Synced& table : *synced) {
    const bool needed = std::any_of(starved->begin(), starved->end(), [&](const auto& one) {
      return one.entity == table.captured.entity;
    });
    if (!needed) continue;
    if (!table.error.ok()) {
      Status status = table.error;
      return status.note(
          "its triggers leave out changes that these observers want: run "
          "`observerd capture sync` as the owner of the table");
    }
    log_.write(Level::Info, "capture lets through what the observers want now",
               {{"table", table.captured.table}, {"why", table.reason}});
  }
  return {};
}

bool Daemon::start_new_modules(const Composition& composition, Diagnostics& diagnostics) {
  std::vector<plugin::Module*> started;
  for (const Composition::OpenModule& module : composition.modules) {
    if (module.reused) continue;
    if (Status status = module.module->start(); !status.ok()) {
      diagnostics.add(std::move(status));
    } else {
      started.push_back(module.module.get());
    }
  }
  if (diagnostics.ok()) return true;
  for (plugin::Module* module : started) module->stop();
  return false;
}

std::vector<Daemon::Running> Daemon::make_runners(const Composition& composition) {
  std::vector<Running> modules;
  for (const Composition::OpenModule& module : composition.modules) {
    const auto same = std::find_if(
        running_modules_.begin(), running_modules_.end(),
        [&](const Running& running) { return running.module.module == module.module; });
    modules.push_back({module, same != running_modules_.end()
                                   ? same->runner
                                   : delivery::ModuleRunner::start(module.module, *dispatcher_,
                                                                   log_, module.name)});
  }
  composition.plan->for_each_action([&](delivery::PreparedAction& action) {
    for (const Running& running : modules) {
      if (running.module.type == action.type && running.module.name == action.module) {
        action.runner = running.runner;
      }
    }
  });
  return modules;
}

ControlLoop::Hooks Daemon::control_hooks() {
  ControlLoop::Hooks hooks;
  hooks.state = [this] {
    return to_json(HostState{dispatcher_->lanes(), dispatcher_->observer_counts(),
                             dispatcher_->plan()->matcher->missing_paths(), insight_->plugins(),
                             dispatcher_->dropped(), insight_->stalled()});
  };
  hooks.problem = [this] { return readiness().message(); };
  hooks.pauses = [this](const std::vector<store::PauseRow>& rows) {
    std::vector<delivery::Pause> pauses;
    for (const store::PauseRow& row : rows) {
      pauses.push_back({row.observer, row.action, row.reason});
    }
    dispatcher_->set_pauses(std::move(pauses));
  };
  hooks.configuration = [this](const std::string& active, const std::string& own) {
    if (active == own) {
      source_->go_on();
      return;
    }
    const std::string reason =
        "another configuration is the active one: reload this host with it, or make this host's "
        "the active one with `observerd activate`";
    log_.write(Level::Error, Status::error(Code::Listener, "this host reads nothing: " + reason),
               {{"active", active}, {"own", own}});
    source_->hold_off(reason);
  };
  hooks.reload = ask_reload_;
  hooks.resume_lane = [this](const std::string& lane) {
    return dispatcher_->resume_lane(lane)
               ? Status()
               : Status::error(Code::NoMatch,
                               "has no lane called so in use; what is paused or gone goes on with "
                               "`observerd observers resume`");
  };
  hooks.maintain = [this](postgres::Connection& connection) -> Result<bool> {
    const auto step = store::purge_events(connection, Milliseconds(retention_ms_.load()),
                                          kPurgeBatch, purge_from_);
    if (!step) return step.status();
    purge_from_ = step->next;
    return step->next.has_value();
  };
  return hooks;
}

bool Daemon::start(Diagnostics& diagnostics, bool with_admin) {
  follow_plugins();
  auto composition = compose(configuration_, environment_, services_, diagnostics);
  if (!composition) return false;
  for (const Status& said : diagnostics.warnings()) told_of_plugins_.insert(said.to_string());
  composition_ = std::make_shared<Composition>(std::move(*composition));
  const config::Settings& settings = configuration_.settings;
  retention_ms_ = settings.runtime.event_log_retention.count();
  source::Installation installation;
  if (Status status = prepare_database(installation); !status.ok()) {
    diagnostics.add(std::move(status));
    return false;
  }
  if (!start_new_modules(*composition_, diagnostics)) return false;

  delivery::DispatcherOptions options;
  options.shards = settings.database.shards;
  options.queue_events = static_cast<std::size_t>(settings.runtime.queue_events);
  options.queue_bytes = static_cast<std::size_t>(settings.runtime.queue_bytes);
  options.overflow = settings.runtime.overflow;
  options.installation = installation.id;
  options.metrics = &metrics_;
  options.on_gone = [this](const std::string& observer, const std::string& action,
                           const std::string& reason) {
    control_->pause({observer, action, "gone", reason, ""});
  };
  dispatcher_ = std::make_unique<delivery::Dispatcher>(composition_->plan, options, clock_, log_);
  running_modules_ = make_runners(*composition_);

  source::Options reading;
  reading.database = database_options(settings, "reader");
  reading.shards = settings.database.shards;
  reading.poll_interval = settings.runtime.poll_interval;
  source_ = std::make_unique<source::Source>(reading, *dispatcher_);
  source_->hold_off(kAsking);

  delivery::Settler::Options settling;
  settling.database = database_options(settings, "settler");
  settling.idle_interval = settings.runtime.poll_interval;
  settler_ = std::make_unique<delivery::Settler>(
      settling, source_->ledger(),
      [this](const Status& problem) { log_.write(Level::Error, problem); });
  dispatcher_->connect(*settler_);
  retry_loop_ = std::make_unique<delivery::RetryLoop>(
      database_options(settings, "retries"), settings.database.shards, *dispatcher_, clock_, log_);
  control_ = std::make_unique<ControlLoop>(database_options(settings, "control"),
                                           fingerprint(configuration_), control_hooks(), log_);

  running_ = true;
  source_->start();
  retry_loop_->start();
  insight_ = std::make_unique<Insight>(Collector::Parts{*source_, *dispatcher_, *settler_, clock_,
                                                        database_options(settings, "admin")},
                                       metrics_, log_);
  insight_->update(configuration_, composition_->registry);
  Status status;
  if (with_admin) status = insight_->start();
  if (status.ok()) status = control_->start();
  if (!status.ok()) {
    diagnostics.add(std::move(status));
    stop();
    return false;
  }
  return true;
}

void Daemon::tick() {
  log_shards();
  stop_retired();
  look_at_plugins();
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
    if (shard.error == source::kNotStarted || shard.error == source::kAboutToBeRead ||
        shard.error == kAsking)
      continue;
    const std::string state = shard.owned           ? "reading"
                              : shard.error.empty() ? "another host has it"
                                                    : shard.error;
    std::string& known = shard_states_[shard.shard];
    if (known == state) continue;
    const bool trouble = !shard.owned && !shard.elsewhere && !shard.error.empty();
    const std::initializer_list<telemetry::Log::Field> fields{
        {"shard", std::to_string(shard.shard)},
        {"state", state},
        {"epoch", std::to_string(shard.lease)}};
    if (trouble) {
      log_.write(Level::Error, Status::error(Code::Listener, "shard not read"), fields);
    } else {
      log_.write(Level::Info, "shard", fields);
    }
    known = state;
  }
}

bool Daemon::stop() {
  running_ = false;
  insight_->set_stopping();
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
  bool joined = !stuck_;
  const auto stop_runner = [&](const std::shared_ptr<delivery::ModuleRunner>& runner) {
    joined = runner->stop(clock_.steady_now()) && joined;
  };
  for (const Running& running : running_modules_) stop_runner(running.runner);
  for (const Retired& retired : retired_) {
    for (const auto& runner : retired.runners) stop_runner(runner);
  }
  if (Status status = settler_->flush(kLastFlush); !status.ok()) {
    log_.write(Level::Error, status);
  }
  control_->stop();  // it asks the others
  insight_.reset();
  settler_->stop();
  source_->release();
  return joined;
}

}  // namespace observerd::app
