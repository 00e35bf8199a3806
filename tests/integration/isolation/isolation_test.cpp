#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "support/daemon.hpp"
#include "support/eventually.hpp"
#include "support/http_server.hpp"
#include "support/postgres.hpp"
#include "support/sanitizer.hpp"

namespace observerd::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

/// The runner processes of a daemon.
std::vector<pid_t> runners_of(int daemon) {
  std::vector<pid_t> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (first_line(entry.path() / "cmdline").find("plugin-runner") == std::string::npos) continue;
    // "PID (name) state PPID …"; the name is of our own program, so without spaces.
    std::ifstream stat(entry.path() / "stat");
    std::string pid, program, state;
    int parent = 0;
    if (stat >> pid >> program >> state >> parent && parent == daemon) {
      found.push_back(std::stoi(name));
    }
  }
  return found;
}

/// Short delays, so that what is retried comes to its end soon.
const char* const kDefaults = R"("defaults": {"timeout": "1s", "retry":
  {"max_attempts": 5, "backoff": "fixed", "initial_delay": "100ms", "max_delay": "100ms"}})";

class IsolatedPlugins : public ::testing::Test {
 protected:
  IsolatedPlugins() : installation_(fresh_database()) {
    run_sql(database(), "CREATE TABLE item (id int PRIMARY KEY, what text)");
    installation_.capture("item", "Item");
  }

  const std::string& database() const { return installation_.database(); }
  /// Every event has come to its end, and nothing waits.
  bool all_settled(int events) const {
    return scalar(database(),
                  "SELECT count(*) FILTER (WHERE status IN ('processed', 'failed')) - "
                  "(SELECT count(*) FROM observer.retries) FROM observer.observer_events") ==
           std::to_string(events);
  }
  Rows dead_letters(const std::string& columns) const {
    return run_sql(database(), "SELECT " + columns +
                                   " FROM observer.observer_dlq_items d"
                                   " JOIN observer.observer_events e ON e.id = d.event_id"
                                   " ORDER BY 1");
  }

  Installation installation_;
};

TEST_F(IsolatedPlugins, WhatEndsThePluginIsADeadLetterAndTheRestIsDelivered) {
  ::setenv("OBSERVERD_TEST_SECRET", "secret", 1);
  installation_.add_plugin("wild");
  installation_.configure(std::string("{") + kDefaults + R"(, "observers": [
    {"name": "wild", "entity": "Item", "when": "what != 'hang'",
     "actions": [{"type": "wild", "do": "{{ what }}"}]},
    {"name": "hang", "entity": "Item", "when": "what = 'hang'",
     "actions": [{"type": "wild", "do": "{{ what }}", "retry": {"max_attempts": 1}}]},
    {"name": "other", "entity": "Item", "actions": [{"type": "null"}]}]})");
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  run_sql(database(),
          "INSERT INTO item SELECT row_number() OVER (), w FROM unnest(ARRAY['fine', 'segv', "
          "'fine', 'abort', 'forbidden', 'exit', 'fine', 'hang', 'threads', 'fine']) w");
  ASSERT_TRUE(eventually([&] { return all_settled(10); })) << daemon.log();
  EXPECT_THAT(dead_letters("e.data->>'what', d.observer, d.error, d.error_code"),
              ElementsAre(ElementsAre("abort", "wild", "OB017", "poison"),
                          ElementsAre("exit", "wild", "OB017", "poison"),
                          ElementsAre("hang", "hang", "OB013", ""),

                          ElementsAre("segv", "wild", "OB017", "poison")))
      << daemon.log();
  EXPECT_TRUE(daemon.running());
  EXPECT_TRUE(eventually([&] { return runners_of(daemon.pid()).size() == 1; }))
      << "one is started again; null is packaged, so runs in the daemon";
  EXPECT_EQ(daemon.stop(), 0);
  ::unsetenv("OBSERVERD_TEST_SECRET");
}

/// Fixtures of tests/plugins that take deliveries, each with a fault of its own.
const char* const kFaults[] = {"aborts_at_exit",    "blocks_signal",     "calls_exit",
                               "changes_directory", "closes_descriptor", "closes_everything",
                               "double_reporter",   "drops_second",      "good",
                               "kills_parent",      "leaks_descriptor",  "leaks_thread",
                               "leaves_process",    "leaves_processes",  "leaves_thread",
                               "never_reports",     "newer_plugin",      "not_thread_safe",
                               "old_plugin",        "reads_too_far",     "reports_again",
                               "reports_beyond",    "reports_late",      "runs_program",
                               "sets_handler",      "sets_umask",        "starts_process",
                               "strange_results",   "writes_everywhere", "writes_stdout"};

TEST_F(IsolatedPlugins, EachFaultCostsItsOwnDeliveriesAtMost) {
  std::string observers = R"({"name": "other", "entity": "Item", "actions": [{"type": "null"}]})";
  for (const std::string name : kFaults) {
    installation_.add_plugin(name);
    observers += R"(, {"name": ")" + name + R"(", "entity": "Item", "actions": [{"type": ")" +
                 name + R"(", "retry": {"max_attempts": 2}}]})";
  }
  installation_.configure(std::string("{") + kDefaults + R"(, "observers": [)" + observers + "]}");
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  EXPECT_EQ(runners_of(daemon.pid()).size(), std::size(kFaults));
  run_sql(database(), "INSERT INTO item VALUES (1, '')");
  ASSERT_TRUE(eventually([&] { return all_settled(1); })) << daemon.log();
  std::set<std::string> dead;
  for (const auto& row : dead_letters("d.observer")) dead.insert(row.front());
  for (const char* harmless : {"other", "good", "old_plugin", "newer_plugin", "double_reporter",
                               "kills_parent", "runs_program", "starts_process", "leaves_process",
                               "leaves_processes", "sets_handler", "writes_stdout"}) {
    EXPECT_EQ(dead.count(harmless), 0U) << harmless << " has a dead letter\n" << daemon.log();
  }
  EXPECT_EQ(dead.count("calls_exit"), 1U);
  EXPECT_EQ(dead.count("never_reports"), 1U);
  ASSERT_TRUE(daemon.running());
  run_sql(database(), "INSERT INTO item VALUES (2, '')");
  EXPECT_TRUE(eventually([&] { return all_settled(2); })) << daemon.log();
  EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(IsolatedPlugins, ARunnerThatIsKilledAgainAndAgainLosesNothing) {
  constexpr int kItems = 2000;
  HttpServer receiver;
  receiver.always(HttpReply(200).after(1ms));
  installation_.configure(R"({"plugins": {"isolation": {"webhook": "process"}},
    "defaults": {"retry": {"max_attempts": 30, "backoff": "fixed", "initial_delay": "100ms",
                           "max_delay": "100ms"}, "breaker": false},
    "observers": [{"name": "o", "entity": "Item", "ordering": "none", "actions": [
      {"type": "webhook", "url": ")" +
                          receiver.url("/hook") + R"(", "body": {"id": "{{ id }}"}}]}]})");
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  run_sql(database(), "INSERT INTO item SELECT generate_series(1, 2000)");
  int kills = 0;
  const auto done = [&] { return all_settled(kItems); };
  const auto until = std::chrono::steady_clock::now() + 120s;
  while (!done() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(150ms);
    for (const pid_t runner : runners_of(daemon.pid())) {
      if (kills < 12 && ::kill(runner, SIGKILL) == 0) ++kills;
    }
  }
  ASSERT_TRUE(done()) << daemon.log();
  EXPECT_GE(kills, 3);
  std::set<std::string> received;
  for (const HttpRequest& request : receiver.requests()) received.insert(request.body);
  EXPECT_EQ(received.size(), static_cast<std::size_t>(kItems));
  EXPECT_THAT(dead_letters("d.error"), ::testing::IsEmpty());
  EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(IsolatedPlugins, WhatEatsMemoryMeetsTheConfiguredLimit) {
  if (is_sanitized) GTEST_SKIP() << "nothing limits the memory of a sanitizer";
  installation_.add_plugin("wild");
  // The fixture eats 1 GiB: with room for it, it is delivered.
  for (const auto& [memory, outcome] : {std::pair{"128MiB", "OB013"}, {"2GiB", ""}}) {
    run_sql(database(),
            "DELETE FROM observer.observer_dlq_history; DELETE FROM observer.observer_dlq_items");
    installation_.configure(std::string(R"({"plugins": {"runner": {"memory": ")") + memory + R"("}},
      "observers": [{"name": "wild", "entity": "Item", "actions": [
        {"type": "wild", "do": "{{ what }}", "retry": {"max_attempts": 1}}]}]})");
    run_sql(database(), "INSERT INTO item SELECT count(*), 'memory' FROM item");
    Daemon daemon(installation_, {"--once"});
    EXPECT_EQ(daemon.wait(60s), 0) << daemon.log();
    EXPECT_EQ(scalar(database(), "SELECT error FROM observer.observer_dlq_items"), outcome)
        << memory << daemon.log();
  }
}

TEST_F(IsolatedPlugins, ARunnerDiesWithItsDaemon) {
  installation_.add_plugin("wild");
  installation_.configure(R"({"observers": [
    {"name": "wild", "entity": "Item", "actions": [{"type": "wild"}]}]})");
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  const std::vector<pid_t> runners = runners_of(daemon.pid());
  ASSERT_EQ(runners.size(), 1U);
  daemon.kill();
  EXPECT_TRUE(eventually(
      [&] { return first_line("/proc/" + std::to_string(runners[0]) + "/cmdline").empty(); }));
}

TEST_F(IsolatedPlugins, TheRunnerIsNoCommandForPeople) {
  const CommandResult result = installation_.cli({"plugin-runner"});
  EXPECT_EQ(result.exit, 2);
  EXPECT_THAT(result.err, HasSubstr("started by observerd itself"));
  EXPECT_THAT(installation_.must({"--help"}), Not(HasSubstr("plugin-runner")));
}

}  // namespace
}  // namespace observerd::testing
