#include <gmock/gmock.h>

#include "support/daemon.hpp"
#include "support/eventually.hpp"
#include "support/http_server.hpp"
#include "support/postgres.hpp"

namespace observerd::testing {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::Le;
using ::testing::SizeIs;

/// A busy machine delays answers, and then that is what is measured: so often, all are done again.
constexpr int kRounds = 5;

/// Five at a time want to go and one may: what is recorded is the receiver's time, not the queue's.
TEST(Performance, RecordedAttemptDurationsAreTrue) {
  HttpServer receiver;
  receiver.handle(
      [](const HttpRequest&) { return HttpReply(404).after(std::chrono::milliseconds(200)); });
  Installation installation(fresh_database());
  installation.configure(R"({"observers": [{"name": "slow", "entity": "Note", "actions": [
    {"type": "webhook", "concurrency": 1, "url": ")" +
                         receiver.url("/slow") + R"("}]}]})");
  Daemon daemon(installation);
  daemon.wait_until_ready();
  std::vector<int> took;
  for (int round = 0; round < kRounds; ++round) {
    run_sql(installation.database(),
            "SELECT observer.emit('Note', gen_random_uuid()::text, '{}')"
            " FROM generate_series(1, 5)");
    const std::string newest =
        "SELECT took_ms FROM observer.observer_dlq_history ORDER BY id OFFSET " +
        std::to_string(5 * round);
    ASSERT_TRUE(eventually([&] { return run_sql(installation.database(), newest).size() == 5; }))
        << daemon.log();
    took.clear();
    for (const auto& row : run_sql(installation.database(), newest)) {
      took.push_back(std::stoi(row[0]));
    }
    ASSERT_THAT(took, Each(Ge(200)));
    if (::testing::Value(took, Each(Le(400)))) break;
  }
  EXPECT_THAT(took, AllOf(SizeIs(5), Each(Le(400)))) << "in none of the rounds";
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();
}

}  // namespace
}  // namespace observerd::testing
