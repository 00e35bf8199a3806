#include <sstream>

#include "stored_fixture.hpp"

/// The retry schedule as the command line shows and changes it, beside a running daemon.
namespace observerd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kScheduled = "SELECT count(*) FROM observer.retries";

class CliDeliveries : public StoredThings {};

TEST_F(CliDeliveries, AreListedAndShownWithWhyTheyWait) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  receiver_.always(HttpReply(503, "busy"));
  insert(1);
  wait_for_sql(kScheduled, "1");
  run_sql(database_, "UPDATE orders SET status = 'later'");
  wait_for_sql(kScheduled, "2");
  const json::Value list = answer("deliveries-list", {"deliveries", "list"});
  ASSERT_THAT(list.items(), SizeIs(2));
  const json::Value& behind = list.items()[0];  // since when it waits is earlier
  const json::Value& due = list.items()[1];
  EXPECT_EQ(member(due, "state"), "due");
  EXPECT_THAT(member(due, "why"), StartsWith("next attempt at 2"));
  EXPECT_EQ(member(*due.find("last_attempt"), "error_code"), "http_503");
  EXPECT_EQ(member(behind, "state"), "behind");
  EXPECT_EQ(member(behind, "waits_for"), member(due, "id"));
  EXPECT_THAT(answer("deliveries-list", {"deliveries", "list", "--state", "held"}).items(),
              IsEmpty());
  const json::Value shown = answer("deliveries-show", {"deliveries", "show", member(due, "id")});
  EXPECT_THAT(shown.find("history")->items(), SizeIs(1));
  EXPECT_EQ(member(shown, "attempts_not_kept"), "0");
  EXPECT_THAT(installation_.must({"deliveries", "list"}), HasSubstr("next attempt at"));
  daemon.stop();
  run_sql(database_,
          "UPDATE observer.retries SET tries = json_array_length(history) + 51"
          " WHERE state = 'due'");
  EXPECT_THAT(installation_.must({"deliveries", "show", member(due, "id")}),
              AllOf(HasSubstr("transient_error"), HasSubstr("51 earlier attempts, not kept")));
}

TEST_F(CliDeliveries, RetryIsTakenUpByTheDaemonAtOnce) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  receiver_.always(HttpReply(503));
  insert(1);
  wait_for_sql(kScheduled, "1");
  run_sql(database_, "UPDATE orders SET status = 'later'");
  wait_for_sql(kScheduled, "2");
  const std::string behind =
      scalar(database_, "SELECT delivery_id FROM observer.retries WHERE state = 'behind'");
  const json::Value refused = answer("deliveries-changes", {"deliveries", "retry", behind}, 1);
  EXPECT_EQ(member(refused.items()[0], "why_not"), "waits for an earlier delivery of its entity");
  receiver_.always(HttpReply(200));
  EXPECT_EQ(member(answer("deliveries-bulk",
                          {"deliveries", "retry", "--all", "--state", "due", "--dry-run"}),
                   "selected"),
            "1");
  EXPECT_THAT(installation_.must({"deliveries", "retry", "--all", "--state", "due"}),
              HasSubstr("made due 1 delivery"));
  wait_for_sql(kScheduled, "0");
  EXPECT_EQ(bodies(), "1 new, 1 new, 1 later, ");
}

TEST_F(CliDeliveries, DiscardLetsTheNextGo) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  receiver_.script({HttpReply(503)});
  insert(1);
  wait_for_sql(kScheduled, "1");
  run_sql(database_, "UPDATE orders SET status = 'later'");
  wait_for_sql(kScheduled + std::string(" WHERE state = 'behind'"), "1");
  const std::string id =
      scalar(database_, "SELECT delivery_id FROM observer.retries WHERE state = 'due'");
  EXPECT_EQ(installation_.must({"deliveries", "discard", id}), "discarded " + id + "\n");
  ASSERT_TRUE(receiver_.wait_for(2));
  wait_for_sql(kScheduled, "0");
  EXPECT_EQ(bodies(), "1 new, 1 later, ");
  EXPECT_EQ(scalar(database_,
                   "SELECT string_agg(status, ' ' ORDER BY outbox_id)"
                   " FROM observer.observer_events WHERE status <> 'pending'"),
            "skipped processed");
  const CommandResult shown = installation_.cli({"deliveries", "show", id});
  EXPECT_EQ(shown.exit, 1);
  EXPECT_THAT(shown.err, AllOf(StartsWith("OB002 "), HasSubstr("was discarded at 2")));
  const CommandResult again = installation_.cli({"deliveries", "discard", id});
  EXPECT_EQ(again.exit, 1);
  EXPECT_THAT(again.err, HasSubstr("was discarded at 2"));
}

TEST_F(CliDeliveries, ATryUnderWayDoesNotBringADiscardedDeliveryBack) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  receiver_.always(HttpReply(503));
  insert(1);
  wait_for_sql(kScheduled, "1");
  const std::string id = only_id("retries", "delivery_id");
  // The second try is with the receiver, which takes its time, while the delivery is discarded.
  receiver_.always(HttpReply(503).after(std::chrono::milliseconds(1500)));
  installation_.must({"deliveries", "retry", id});
  ASSERT_TRUE(receiver_.wait_for(2));
  installation_.must({"deliveries", "discard", "--all"});
  EXPECT_EQ(scalar(database_, kScheduled), "0");
  wait_until([&] { return daemon.log().find("attempt=2") != std::string::npos; },
             "the end of the second try");
  EXPECT_EQ(daemon.stop(), 0) << "with everything settled";
  EXPECT_EQ(scalar(database_, kScheduled), "0");
  EXPECT_EQ(scalar(database_, "SELECT status FROM observer.observer_events"), "skipped");
}

TEST_F(CliDeliveries, WrongWordsAndUnknownOnesAreToldAllAtOnce) {
  const std::string one = "6f9619ff-8b86-5011-b42d-00cf4fc964ff";
  const CommandResult unknown = installation_.cli({"deliveries", "retry", one});
  EXPECT_EQ(unknown.exit, 1);
  EXPECT_THAT(unknown.err, HasSubstr("OB002 " + one + " is not in the retry schedule"));
  const CommandResult show = installation_.cli({"deliveries", "show", one});
  EXPECT_EQ(show.exit, 1);
  const CommandResult wrong = installation_.cli(
      {"deliveries", "discard", "--lane", "x", "--state", "hold", "--event", "9"});
  EXPECT_EQ(wrong.exit, 2);
  EXPECT_THAT(wrong.err,
              AllOf(HasSubstr("which? give ids"), HasSubstr("--lane goes with --all"),
                    HasSubstr("did you mean \"held\"?"), HasSubstr("--event \"9\" is no id")));
}

TEST_F(CliDeliveries, HelpIsThereOnEveryLevel) {
  const std::vector<std::string> commands = {
      "events",          "events list",      "events show",       "events tail",
      "events replay",   "dlq purge",        "deliveries",        "deliveries list",
      "deliveries show", "deliveries retry", "deliveries discard"};
  for (const std::string& command : commands) {
    std::vector<std::string> words;
    std::istringstream stream(command);
    for (std::string word; stream >> word;) words.push_back(word);
    words.emplace_back("--help");
    EXPECT_THAT(installation_.must(words), StartsWith("Usage: observerd " + command));
  }
}

}  // namespace
}  // namespace observerd::testing
