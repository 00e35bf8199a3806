#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>

#include "fixture.hpp"
#include "support/eventually.hpp"
#include "support/http_server.hpp"

/// `status`: whether delivery is moving is told by its progress.
namespace observerd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST(Cli, StatusIsNegativeUntilSomebodyDelivers) {
  const Installation installation(fresh_database());
  const CommandResult before = installation.cli({"status", "--json"});
  EXPECT_EQ(before.exit, 1);
  EXPECT_EQ(against_schema("status", before.out), "");
  EXPECT_FALSE(parsed(before.out).find("moving")->as_boolean());
  EXPECT_THAT(installation.cli({"status"}).out, HasSubstr("IS NOT MOVING"));

  Daemon daemon(installation);
  daemon.wait_until_ready();
  const CommandResult during = installation.cli({"status", "--json"});
  EXPECT_EQ(during.exit, 0);
  EXPECT_EQ(against_schema("status", during.out), "");
  EXPECT_TRUE(parsed(during.out).find("moving")->as_boolean());
}

class CliMovement : public ::testing::Test {
 protected:
  CliMovement() {
    run_sql(database_, "CREATE TABLE orders (id int PRIMARY KEY)");
    installation_.capture("orders", "Order");
    installation_.configure(R"({"observers": [{"name": "o", "entity": "Order",
        "actions": [{"type": "webhook", "url": ")" +
                            receiver_.url("/") + R"(", "timeout": "2m"}]}]})");
  }

  HttpServer receiver_;
  const std::string database_ = fresh_database();
  Installation installation_{database_};
};

TEST_F(CliMovement, AnOldEventThatIsAtWorkOnIsNoStall) {
  receiver_.always(HttpReply(204).after(5s));
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  // As of a transaction that took its time, or a backlog.
  run_sql(database_,
          "INSERT INTO orders VALUES (1);"
          " UPDATE observer.outbox SET created_at = now() - interval '10 minutes'");
  ASSERT_TRUE(eventually([&] { return receiver_.connections() > 0; }));
  const CommandResult during = installation_.cli({"status"});
  EXPECT_EQ(during.exit, 0) << during.out;
  EXPECT_THAT(during.out, AllOf(HasSubstr("delivery      is moving"),
                                HasSubstr("the oldest event has waited for 600.")));
  const json::Value report = parsed(installation_.must({"status", "--json"}));
  EXPECT_EQ(report.find("moving")->as_boolean(), true);
}

TEST_F(CliMovement, AHostThatStandsStillHasStalled) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  daemon.signal(SIGSTOP);
  run_sql(database_, "UPDATE observer.hosts SET seen_at = now() - interval '61 seconds'");
  const CommandResult still = installation_.cli({"status"});
  daemon.signal(SIGCONT);
  EXPECT_EQ(still.exit, 1) << still.out;
  EXPECT_THAT(still.out, AllOf(HasSubstr("IS NOT MOVING"),
                               HasSubstr("has stalled: it has not shown itself for 61.")));
  daemon.wait_until_ready();
}

TEST_F(CliMovement, WhatAHostSaysOfItselfCounts) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  daemon.signal(SIGSTOP);
  run_sql(database_,
          "UPDATE observer.hosts SET state ="
          " (state::jsonb || '{\"stalled\": \"nothing was settled for 180 seconds\"}')::json");
  const CommandResult stalled = installation_.cli({"status", "--json"});
  daemon.signal(SIGCONT);
  EXPECT_EQ(stalled.exit, 1) << stalled.out;
  EXPECT_THAT(stalled.out, HasSubstr("has stalled: nothing was settled for 180 seconds"));
}

}  // namespace
}  // namespace observerd::testing
