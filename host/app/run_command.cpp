#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <ostream>

#include "app/commands.hpp"
#include "app/daemon.hpp"
#include "app/service_manager.hpp"
#include "app/session.hpp"

namespace observerd::app {
namespace {

using telemetry::Level;

/// In --once, another host may hold the shards: how long to wait for them.
constexpr std::chrono::seconds kOncePatience{10};

/// SIGTERM, SIGINT and SIGHUP come as values to the main thread; blocked before any thread starts,
/// so that all inherit it.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

/// The signal that came within the time, or 0.
int wait_for_signal(const sigset_t& set, Milliseconds time) {
  timespec limit{};
  limit.tv_sec = time.count() / 1000;
  limit.tv_nsec = time.count() % 1000 * 1'000'000;
  const int number = sigtimedwait(&set, nullptr, &limit);
  return number > 0 ? number : 0;
}

/// What serve() needs; one thread.
struct Service {
  Daemon& daemon;
  ServiceManager& manager;
  telemetry::Log& log;
  const Invocation& invocation;
  const std::string config_file;
  std::string doing = "delivering";  ///< for the manager, while nothing is wrong
};

void reload(Service& service) {
  service.manager.reloading();
  Diagnostics diagnostics;
  const bool done = service.daemon.reload(service.config_file, diagnostics);
  for (const Status& warning : diagnostics.warnings()) service.log.write(Level::Warn, warning);
  for (const Status& error : diagnostics.errors()) service.log.write(Level::Error, error);
  if (done) {
    service.log.write(Level::Info, "the configuration was reloaded",
                      {{"config", service.config_file}});
    service.doing = "delivering";
  } else {
    service.log.write(Level::Error, "the configuration is refused, the one before stays in use",
                      {{"config", service.config_file}});
    service.doing = "delivering; the last reload was refused";
  }
  service.manager.ready(service.doing);
}

/// Runs until a signal says stop; with `once`, until nothing is left to do. The exit code.
int serve(Service& service, const sigset_t& signals, bool once) {
  Daemon& daemon = service.daemon;
  const auto started = std::chrono::steady_clock::now();
  int idle_looks = 0;
  for (;;) {
    const int number = wait_for_signal(signals, Milliseconds(once ? 20 : 500));
    service.manager.alive();
    if (number == SIGHUP) {
      reload(service);
    } else if (number != 0) {
      service.log.write(Level::Info, "stopping",
                        {{"signal", number == SIGTERM ? "SIGTERM" : "SIGINT"}});
      return kDone;
    }
    daemon.tick();
    if (!once) {
      const Status problem = daemon.readiness();
      service.manager.status(problem.ok() ? service.doing : problem.message());
      continue;
    }
    // Twice in a row: between two threads' looks something may just change hands.
    idle_looks = daemon.idle() ? idle_looks + 1 : 0;
    if (idle_looks >= 2) return kDone;
    const Status problem = daemon.shards_problem();
    if (!problem.ok() && std::chrono::steady_clock::now() - started > kOncePatience) {
      return fail(service.invocation, problem);
    }
  }
}

}  // namespace

int run_command(const Invocation& invocation) {
  CommandLine line(
      "run [--once]",
      "The daemon: reads what was captured, delivers it, until SIGTERM or SIGINT. Logs to "
      "standard error. SIGHUP takes up the configuration anew.");
  line.add()("once",
             "process what is there, then exit; retries that are not due yet stay scheduled");
  line.without_json();
  if (const auto over = line.parse(invocation)) return *over;
  const sigset_t signals = block_signals();
  auto configuration = load_configuration(invocation, line);
  if (!configuration) return kConfiguration;

  telemetry::LogOptions options;
  telemetry::parse_level(configuration->settings.log.level, options.level);
  options.json = configuration->settings.log.json;
  options.journal =
      telemetry::stderr_is_journal(invocation.environment.variable("JOURNAL_STREAM").value_or(""));
  telemetry::Log log(options);

  const SystemClock clock;
  Diagnostics diagnostics;
  // A command's wish to reload comes the same way as the signal.
  Daemon daemon(std::move(*configuration), invocation.environment, log,
                [] { ::kill(::getpid(), SIGHUP); });
  const bool started = daemon.start(diagnostics, !line.has("once"));
  for (const Status& warning : diagnostics.warnings()) log.write(Level::Warn, warning);
  if (!started) {
    for (const Status& error : diagnostics.errors()) invocation.err << error.to_string() << '\n';
    return exit_code(diagnostics.errors().front().code());
  }
  log.write(Level::Info, "observerd has started",
            {{"version", OBSERVERD_VERSION}, {"config", line.config_file()}});
  ServiceManager manager(invocation.environment.variable, clock);
  manager.ready("delivering");
  Service service{daemon, manager, log, invocation, line.config_file(), "delivering"};
  const int code = serve(service, signals, line.has("once"));
  manager.stopping("draining");
  const bool clean = daemon.stop();
  log.write(Level::Info, "observerd has stopped");
  if (!clean) {
    // A plugin still has one of our threads: everything it could touch must stay as it is.
    invocation.err.flush();
    std::_Exit(code);
  }
  return code;
}

}  // namespace observerd::app
