// What the whole of observerd costs, beside other ways to do the same, in one run:
//
//   bench_pipeline [--check] [--record] [--events N] [--large]
//
// A private PostgreSQL, nginx as the receiver. One JSON object a line. The ways take turns, medians
// count. Ratios are compared with pipeline/recorded.json: --check measures only those that are
// there, with fewer events, and ends with 1 when one stays more than a third below the recorded one
// when it is measured again; --record writes them. --large adds 100,000 observers.
#include <curl/curl.h>

#include <thread>

#include "matching/measure.hpp"
#include "pipeline/curl_loop.hpp"
#include "pipeline/latency.hpp"
#include "pipeline/stage.hpp"
#include "report.hpp"
#include "support/nginx_server.hpp"

namespace observerd::bench {
namespace {

constexpr const char* kNull = R"({"type": "null"})";
constexpr std::size_t kConnections = 32;
constexpr int kAgain = 3;  ///< a ratio that fell is measured so many times before it counts

struct Options {
  bool check = false;
  bool record = false;
  bool large = false;
  std::size_t events = 100'000;
  int rounds = 5;
};

/// Events a second of ours and the other way, in turns.
void compare_rates(Report& report, const std::string& name, const Options& options,
                   std::size_t count, const std::function<double()>& ours,
                   const std::string& other_name, const std::function<double()>& other) {
  for (int time = 0; time < kAgain; ++time) {
    std::vector<double> our_seconds;
    std::vector<double> other_seconds;
    for (int round = 0; round < options.rounds; ++round) {
      our_seconds.push_back(ours());
      other_seconds.push_back(other());
    }
    const auto events = static_cast<double>(count);
    const bool fine = report.compare(name, "1/s", events / median(our_seconds),
                                     {other_name, events / median(other_seconds)}, Better::Higher);
    if (fine || !options.check) return;
  }
}

void measure_drain(Stage& stage, Report& report, const Options& options) {
  const auto compare = [&](const std::string& name, const std::string& entity,
                           const std::string& event_log) {
    stage.configure(event_log, observer(entity, kNull));
    compare_rates(
        report, name, options, options.events,
        [&] {
          stage.fill(options.events);
          return stage.drain();
        },
        "psql copies the same rows out", [&] { return stage.copy_out(); });
  };
  compare("drain/no match", "Nothing", "matched");
  compare("drain/null action, event log: failed", "Item", "failed");
  compare("drain/null action, event log: matched", "Item", "matched");
}

void measure_webhooks(Stage& stage, Report& report, const Options& options) {
  const testing::NginxServer sink("location / { return 204; }\n", nullptr, "",
                                  "keepalive_requests 100000000;\n");
  const std::string kilobyte(1000, 'x');
  const std::string body = R"({"note": ")" + kilobyte + R"("})";
  stage.configure("failed", observer("Item", R"({"type": "webhook", "concurrency": )" +
                                                 std::to_string(kConnections) + R"(, "url": ")" +
                                                 sink.url("/") + R"(", "body": )" + body + "}"));
  const std::size_t count = options.events / 5;
  compare_rates(
      report, "webhooks", options, count,
      [&] {
        stage.fill(count);
        return stage.drain();
      },
      "bare libcurl multi loop",
      [&] {
        return seconds_of(
            [&] { post_with_bare_libcurl(sink.url("/"), {body}, count, kConnections); });
      });
}

void measure_start(Stage& stage, Report& report, const Options& options) {
  stage.configure("failed", observer("Item", kNull));
  stage.fill(0);
  std::vector<double> check;
  std::vector<double> once;
  for (int round = 0; round < options.rounds; ++round) {
    check.push_back(seconds_of([&] { stage.installation().must({"check"}); }) * 1e3);
    once.push_back(stage.drain() * 1e3);
  }
  report.figure("check", "ms", median(check));
  report.figure("start, find nothing, end", "ms", median(once));
}

/// KB of memory that a daemon holds after it has been ready for a second.
double resident(const testing::Installation& installation) {
  const testing::Daemon daemon(installation);
  daemon.wait_until_ready();
  std::this_thread::sleep_for(std::chrono::seconds(1));
  return resident_mib(daemon.pid());
}

void measure_memory(Stage& stage, Report& report, const Options& options) {
  stage.configure("failed", observer("Item", kNull));
  report.figure("resident, idle", "MiB", resident(stage.installation()));
  if (!options.large) return;
  std::string observers;
  for (int i = 0; i < 100'000; ++i) {
    if (i != 0) observers += ",\n";
    const std::string number = std::to_string(i);
    observers += R"({"name": "o)" + number + R"(", "entity": "Item", "when": "id == )" + number +
                 R"( && price > 10", "actions": [{"type": "null"}]})";
  }
  stage.configure("failed", observers);
  report.figure("check, 100,000 observers", "ms",
                seconds_of([&] { stage.installation().must({"check"}); }) * 1e3);
  report.figure("resident, 100,000 observers", "MiB", resident(stage.installation()));
}

Options read_options(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--check") {
      options.check = true;
      options.events = 40'000;
      options.rounds = 3;
    } else if (arguments[i] == "--record") {
      options.record = true;
    } else if (arguments[i] == "--large") {
      options.large = true;
    } else if (arguments[i] == "--events" && i + 1 < arguments.size()) {
      options.events = std::stoul(arguments[++i]);
    } else {
      give_up("usage: bench_pipeline [--check] [--record] [--events N] [--large]");
    }
  }
  return options;
}

int run(const std::vector<std::string>& arguments) {
  const Options options = read_options(arguments);
  if (!testing::NginxServer::is_there()) give_up("nginx is not installed: nothing to deliver to");
  curl_global_init(CURL_GLOBAL_DEFAULT);
  Report report(OBSERVERD_SOURCE_DIR "/tests/bench/pipeline/recorded.json");
  Stage stage;
  measure_drain(stage, report, options);
  measure_webhooks(stage, report, options);
  if (!options.check) {
    measure_latency(stage, report);
    measure_start(stage, report, options);
    measure_memory(stage, report, options);
  }
  return report.conclude(options.check, options.record);
}

}  // namespace
}  // namespace observerd::bench

int main(int argc, char** argv) {
  try {
    return observerd::bench::run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    observerd::bench::give_up(error.what());
  }
}
