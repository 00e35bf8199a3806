#include <gmock/gmock.h>

#include <algorithm>

#include "support/daemon.hpp"
#include "support/http_server.hpp"
#include "support/postgres.hpp"

namespace observerd::testing {
namespace {

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
  run_sql(installation.database(),
          "SELECT observer.emit('Note', i::text, '{}') FROM generate_series(1, 5) AS i");
  ASSERT_TRUE(receiver.wait_for(5));
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();
  std::vector<int> took;
  for (const auto& row : run_sql(installation.database(),
                                 "SELECT took_ms FROM observer.observer_dlq_history ORDER BY 1")) {
    took.push_back(std::stoi(row[0]));
  }
  ASSERT_EQ(took.size(), 5u);
  EXPECT_GE(took.front(), 200);
  EXPECT_LE(took[2], 400) << "the median; a busy machine may delay a single one";
}

}  // namespace
}  // namespace observerd::testing
