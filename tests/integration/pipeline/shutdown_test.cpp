#include <gmock/gmock.h>

#include <csignal>

#include "support/postgres.hpp"
#include "workload.hpp"

/// How the daemon ends when it is asked to.
namespace observerd::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::IsEmpty;

TEST(Pipeline, GracefulShutdownUnderLoadLosesAndRepeatsNothing) {
  constexpr std::size_t kChanges = 6'000;
  Workload workload(50, R"(, "queue_events": 500)");
  auto daemon = std::make_unique<Daemon>(workload.installation());
  workload.write(kChanges);
  for (const int part : {1, 2, 3}) {
    ASSERT_TRUE(workload.wait_for(part * kChanges / 4)) << daemon->log();
    EXPECT_EQ(daemon->stop(), 0) << daemon->log();
    daemon = std::make_unique<Daemon>(workload.installation());
    daemon->wait_until_ready();
  }
  EXPECT_THAT(workload.finish(), IsEmpty());
  EXPECT_EQ(workload.tally().repeats(), 0u);
  EXPECT_EQ(daemon->stop(), 0) << daemon->log();
}

TEST(Pipeline, RunOnceDrainsAndEnds) {
  Workload workload(50);
  workload.write(2'000);
  {
    Daemon daemon(workload.installation(), {"--once"});
    // What is committed while it runs may or may not be done.
    EXPECT_EQ(daemon.wait(seconds(60)), 0) << daemon.log();
  }
  workload.finish_writing();
  Daemon daemon(workload.installation(), {"--once"});
  EXPECT_EQ(daemon.wait(seconds(60)), 0) << daemon.log();
  EXPECT_EQ(workload.tally().distinct(), 2'000u);
  EXPECT_THAT(workload.finish(), IsEmpty());
  EXPECT_EQ(workload.tally().repeats(), 0u);
}

/// An observer whose action is of a fixture type that never comes back, and one that is fine.
std::string observers(const std::string& slow, const HttpServer& receiver) {
  return R"({"runtime": {"shutdown_timeout": "1s"}, "observers": [
    {"name": "slow", "entity": "Note", "actions": [{"name": "slow", )" +
         slow + R"(, "timeout": "1h"}]},
    {"name": "fine", "entity": "Note", "actions": [{"type": "webhook", "url": ")" +
         receiver.url("/fine") + R"("}]}]})";
}

void ends_in_spite_of(const std::string& plugin) {
  HttpServer receiver;
  Installation installation(fresh_database());
  installation.add_plugin(plugin);
  installation.configure(observers(R"("type": ")" + plugin + R"(")", receiver));
  {
    Daemon daemon(installation);
    run_sql(installation.database(), "SELECT observer.emit('Note', '1', '{}')");
    ASSERT_TRUE(receiver.wait_for(1)) << daemon.log();
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait(seconds(20)), 0) << daemon.log();
  }
  // Its event is not lost: repaired, the action gets it.
  installation.configure(
      observers(R"("type": "webhook", "url": ")" + receiver.url("/slow") + R"(")", receiver));
  Daemon daemon(installation);
  const auto is_there = [&] {
    for (const HttpRequest& request : receiver.requests()) {
      if (request.target == "/slow") return true;
    }
    return false;
  };
  const auto until = std::chrono::steady_clock::now() + seconds(20);
  while (!is_there() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_TRUE(is_there()) << daemon.log();
}

TEST(Pipeline, APluginThatHangsDoesNotStopShutdown) {
  ends_in_spite_of("hangs");
}

TEST(Pipeline, APluginThatIgnoresCancellationDoesNotStopShutdown) {
  ends_in_spite_of("stuck");
}

}  // namespace
}  // namespace observerd::testing
