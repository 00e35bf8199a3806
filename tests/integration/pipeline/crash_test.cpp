#include <gmock/gmock.h>

#include "support/postgres.hpp"
#include "workload.hpp"

/// Daemons, connections and servers that end without warning. A test fails with the seed in its
/// output; OBSERVERD_TORTURE_SEED repeats it as far as processes repeat.
namespace observerd::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::IsEmpty;

TEST(Pipeline, NothingIsLostOrReorderedByKillMinusNine) {
  constexpr std::size_t kChanges = 20'000;
  Dice dice;
  constexpr std::size_t kDeaths = 5;
  constexpr std::size_t kRepeatsPerDeath = 2'000;
  Workload workload(50);
  auto daemon = std::make_unique<Daemon>(workload.installation());
  workload.write(kChanges);
  for (const std::size_t moment : dice.moments(kDeaths, kChanges)) {
    ASSERT_TRUE(workload.wait_for(moment)) << daemon->log();
    daemon->kill();
    daemon = std::make_unique<Daemon>(workload.installation());
  }
  EXPECT_THAT(workload.finish(), IsEmpty());
  // What was under way may have arrived, and cannot be known to have.
  EXPECT_LE(workload.tally().repeats(), kDeaths * kRepeatsPerDeath);

  EXPECT_EQ(daemon->stop(), 0) << daemon->log();
}

TEST(Pipeline, AnotherHostTakesOverFromOneThatDies) {
  constexpr std::size_t kChanges = 6'000;
  Workload workload(50);
  auto first = std::make_unique<Daemon>(workload.installation());
  first->wait_until_ready();
  auto second = std::make_unique<Daemon>(workload.installation());
  workload.write(kChanges);
  ASSERT_TRUE(workload.wait_for(kChanges / 4)) << first->log() << second->log();
  first->kill();
  ASSERT_TRUE(workload.wait_for(kChanges / 2)) << second->log();
  first = std::make_unique<Daemon>(workload.installation());
  second->kill();
  EXPECT_THAT(workload.finish(), IsEmpty());
  EXPECT_EQ(first->stop(), 0) << first->log();
}

TEST(Pipeline, ReconnectsWhenItsBackendsAreTerminated) {
  constexpr std::size_t kChanges = 6'000;
  Dice dice;
  Workload workload(50);
  Daemon daemon(workload.installation());
  workload.write(kChanges);
  int terminated = 0;
  for (const std::size_t moment : dice.moments(12, kChanges)) {
    ASSERT_TRUE(workload.wait_for(moment)) << daemon.log();
    terminated += static_cast<int>(
        run_sql(workload.database(),
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                "current_database() AND application_name LIKE 'observerd%' ORDER BY random() "
                "LIMIT 1")
            .size());
  }
  EXPECT_GE(terminated, 6);
  EXPECT_THAT(workload.finish(), IsEmpty());
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();
}

void restart_under_load(postgres::PrivateServer::Stop how) {
  constexpr std::size_t kChanges = 6'000;
  Workload workload(50);
  Daemon daemon(workload.installation());
  workload.write(kChanges, milliseconds(5));
  for (int i = 1; i <= 2; ++i) {
    ASSERT_TRUE(workload.wait_for(i * kChanges / 4)) << daemon.log();
    const Status status = shared_server().restart(how);
    ASSERT_TRUE(status.ok()) << status.to_string();
  }
  EXPECT_THAT(workload.finish(), IsEmpty());
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();
}

TEST(Pipeline, GoesOnAfterARestartOfPostgresql) {
  restart_under_load(postgres::PrivateServer::Stop::Fast);
}

TEST(Pipeline, GoesOnAfterACrashOfPostgresql) {
  restart_under_load(postgres::PrivateServer::Stop::Immediate);
}

}  // namespace
}  // namespace observerd::testing
