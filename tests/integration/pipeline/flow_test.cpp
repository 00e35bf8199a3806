#include <gmock/gmock.h>

#include <fstream>

#include "support/postgres.hpp"
#include "support/sanitizer.hpp"
#include "workload.hpp"

/// The way of an event when nothing ends.
namespace observerd::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::IsEmpty;

/// The most memory a process has had, in KiB.
long peak_memory(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stol(line.substr(6));
  }
  return 0;
}

TEST(Performance, AThousandEventsTakeLessThanFiveSeconds) {
  Workload workload(1000);
  Daemon daemon(workload.installation());
  daemon.wait_until_ready();
  const auto begin = steady_clock::now();
  workload.write(1000);
  ASSERT_TRUE(workload.wait_for(1000)) << daemon.log();
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  std::printf("1000 events in %lld ms\n", static_cast<long long>(took.count()));
  EXPECT_LT(took, seconds(5));
  EXPECT_THAT(workload.finish(), IsEmpty());
}

TEST(Pipeline, LateCommittersAreDelivered) {
  Workload workload(50);
  Daemon daemon(workload.installation());
  // Rows 101 to 105 are changed first and committed last.
  run_sql(workload.database(), "INSERT INTO account SELECT i, 0 FROM generate_series(101, 105) i");
  std::vector<std::unique_ptr<pqxx::connection>> late;
  for (int i = 101; i <= 105; ++i) {
    late.push_back(std::make_unique<pqxx::connection>(workload.database()));
    run_sql(*late.back(), "BEGIN; UPDATE account SET n = n + 1 WHERE id = " + std::to_string(i));
  }
  for (int i = 0; i < 20; ++i) {
    run_sql(workload.database(), "UPDATE account SET n = n + 1 WHERE id <= 50");
    ASSERT_TRUE(workload.wait_for(static_cast<std::size_t>(i + 1) * 50)) << daemon.log();
  }
  for (int i = 0; i < 4; ++i) run_sql(*late[static_cast<std::size_t>(i)], "COMMIT");
  run_sql(*late[4], "ROLLBACK");
  EXPECT_THAT(workload.finish(), IsEmpty());
  EXPECT_EQ(workload.tally().distinct(), 1004u);
  EXPECT_EQ(workload.tally().repeats(), 0u);
}

/// A receiver that takes its time, much more to send than the budget allows in memory: the rows
/// wait in the outbox.
TEST(Pipeline, BackPressureBoundsMemoryAndLosesNothing) {
  constexpr std::size_t kRows = 4'000;
  Workload workload(50, R"(, "queue_events": 50, "queue_bytes": "2MiB")");
  run_sql(workload.database(), "ALTER TABLE account ADD filler text");
  workload.receiver().handle([&](const HttpRequest& request) {
    return HttpReply(200).after(milliseconds(request.body.empty() ? 0 : 2));
  });
  Daemon daemon(workload.installation());
  daemon.wait_until_ready();
  const long before = peak_memory(daemon.pid());
  // 160 MB of events.
  run_sql(workload.database(), "UPDATE account SET filler = repeat('x', 20000)");
  for (std::size_t i = 1; i < kRows / 50; ++i) {
    run_sql(workload.database(), "UPDATE account SET n = n + 1");
  }
  ASSERT_TRUE(workload.receiver().wait_for(kRows, seconds(60)));
  const long grown = peak_memory(daemon.pid()) - before;
  std::printf("memory grew by %ld KiB\n", grown);
  if (!is_sanitized) {  // which keep what was freed
    EXPECT_LT(grown, 100 * 1024);
  }
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();
  EXPECT_EQ(workload.receiver().requests().size(), kRows);
}

}  // namespace
}  // namespace observerd::testing
