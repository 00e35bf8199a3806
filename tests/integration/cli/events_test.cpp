#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <map>

#include "stored_fixture.hpp"

/// The event log as the command line shows it, and events delivered again.
namespace observerd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kNobody = "6f9619ff-8b86-5011-b42d-00cf4fc964ff";
constexpr const char* kProcessed =
    "SELECT count(*) FROM observer.observer_events WHERE status = 'processed'";

class CliEvents : public StoredThings {};
using Pipeline = StoredThings;

TEST_F(CliEvents, AreListedPagedAndShown) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  for (int id = 1; id <= 3; ++id) insert(id);
  wait_for_sql(kProcessed, "3");
  const json::Value list = answer("events-list", {"events", "list", "--limit", "2"});
  ASSERT_THAT(list.items(), SizeIs(2));
  EXPECT_EQ(member(list.items()[0], "entity_key"), "3") << "newest first";
  const json::Value rest =
      answer("events-list", {"events", "list", "--before", member(list.items()[1], "id")});
  ASSERT_THAT(rest.items(), SizeIs(1));
  EXPECT_THAT(answer("events-list", {"events", "list", "--id", "2"}).items(), SizeIs(1));
  EXPECT_THAT(answer("events-list", {"events", "list", "--status", "failed"}).items(), SizeIs(0));
  EXPECT_THAT(answer("events-list", {"events", "list", "--since", "1h"}).items(), SizeIs(3));
  EXPECT_THAT(answer("events-list", {"events", "list", "--until", "1h"}).items(), SizeIs(0));
  EXPECT_THAT(installation_.must({"events", "list", "--entity", "Nothing"}),
              HasSubstr("no events"));

  const std::string id = member(rest.items()[0], "id");
  const json::Value shown = answer("events-show", {"events", "show", id});
  const json::Value* total = json::at_pointer(shown, "/event/new/total");
  EXPECT_EQ(total == nullptr ? "" : total->text(), "9.50") << "every digit";
  EXPECT_THAT(installation_.must({"events", "show", id}),
              AllOf(StartsWith("event        " + id + " (processed)"), HasSubstr("9.50")));
}

TEST_F(CliEvents, ShowTellsWhatBecameOfTheDeliveries) {
  configure(one_observer("crm", "", action("bad") + ", " + action("busy")));
  receiver_.handle(
      [](const HttpRequest& request) { return HttpReply(request.target == "/bad" ? 400 : 503); });
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  insert(1);
  wait_for_sql(
      "SELECT (SELECT count(*) FROM observer.retries) + (SELECT count(*) FROM"
      " observer.observer_dlq_items)",
      "2");
  const std::string id = only_id("observer_events");
  json::Value shown = answer("events-show", {"events", "show", id});
  EXPECT_THAT(shown.find("deliveries")->items(), SizeIs(1));
  EXPECT_THAT(shown.find("dead_letters")->items(), SizeIs(1));
  installation_.must({"deliveries", "discard", only_id("retries", "delivery_id")});
  shown = answer("events-show", {"events", "show", id});
  EXPECT_THAT(shown.find("deliveries")->items(), IsEmpty());
  EXPECT_THAT(shown.find("discarded")->items(), SizeIs(1));
  EXPECT_THAT(installation_.must({"events", "show", id}),
              AllOf(HasSubstr("discarded"), HasSubstr("dead letters")));
}

TEST_F(CliEvents, WrongWordsAreToldAllAtOnce) {
  const CommandResult result =
      installation_.cli({"events", "list", "--since", "yesterday", "--kind", "updat", "--limit",
                         "many", "--status", "done", "--before", "17"});
  EXPECT_EQ(result.exit, 2);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("--since \"yesterday\" is no time"),
                    HasSubstr("did you mean \"update\"?"), HasSubstr("--limit \"many\""),
                    HasSubstr("--status \"done\""), HasSubstr("--before \"17\" is no id")));
  const CommandResult replay = installation_.cli({"events", "replay"});
  EXPECT_EQ(replay.exit, 2);
  EXPECT_THAT(replay.err, HasSubstr("which? give ids, filters"));
}

TEST_F(CliEvents, UnknownOnesAreNamedAndNothingIsDone) {
  const CommandResult show = installation_.cli({"events", "show", kNobody});
  EXPECT_EQ(show.exit, 1);
  EXPECT_THAT(show.err, StartsWith(std::string("OB002 there is no event ") + kNobody));
  EXPECT_THAT(show.out, IsEmpty());
  const std::string other = "00000000-0000-4000-8000-000000000000";
  const CommandResult replay = installation_.cli({"events", "replay", kNobody, other});
  EXPECT_EQ(replay.exit, 1);
  EXPECT_THAT(replay.err, AllOf(StartsWith("OB002 "), HasSubstr(kNobody), HasSubstr(other)));
  const CommandResult name = installation_.cli({"events", "replay", "--all", "--observer", "crn"});
  EXPECT_EQ(name.exit, 3);
  EXPECT_THAT(name.err, HasSubstr("did you mean \"crm\"?"));
}

TEST_F(CliEvents, TailFollowsTheLogAndEndsCleanlyOnSigint) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  insert(1);
  wait_for_sql(kProcessed, "1");
  postgres::Command command;
  command.arguments = {
      OBSERVERD_BUILD_DIR "/bin/observerd", "events", "tail", "--json", "--from", "1h", "--config",
      installation_.config_file()};
  command.directory = installation_.directory();
  command.log = installation_.directory() / "tail";
  command.account = {geteuid(), getegid(), false};
  auto tail = postgres::ChildProcess::start(command);
  ASSERT_TRUE(tail.ok());
  const auto told = [&] {
    std::ifstream stream(command.log);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    std::vector<std::string> whole = lines(text);
    if (!text.empty() && text.back() != '\n') whole.pop_back();
    return whole;
  };
  wait_until([&] { return told().size() == 1; }, "the event that was there");
  insert(2);
  wait_until([&] { return told().size() == 2; }, "the event that came");
  EXPECT_EQ(against_schema("events-list", "[" + told()[0] + "," + told()[1] + "]"), "");
  EXPECT_EQ(member(parsed(told()[1]), "entity_key"), "2");
  tail->signal(SIGINT);
  wait_until([&] { return !tail->running(); }, "the end of tail");
  EXPECT_EQ(tail->wait(), 0);
}

TEST_F(Pipeline, ReplayDeliversLoggedEventsAgainAsConfiguredNow) {
  {
    Daemon daemon(installation_);
    daemon.wait_until_ready();
    insert(1);
    insert(2);
    wait_for_sql(kProcessed, "2");
    EXPECT_EQ(daemon.stop(), 0);
  }
  configure(one_observer("crm", R"("when": "id = 2", )") + ", " + one_observer("new", ""));
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  const json::Value dry =
      answer("events-replay", {"events", "replay", "--since", "1h", "--dry-run"});
  EXPECT_EQ(member(dry, "events"), "2");
  EXPECT_EQ(member(dry, "matched"), "2");
  EXPECT_EQ(member(dry, "scheduled"), "3");
  EXPECT_THAT(receiver_.requests(), SizeIs(2)) << "a dry run sends nothing";
  EXPECT_EQ(scalar(database_, "SELECT count(*) FROM observer.retries"), "0");

  const json::Value report = answer("events-replay", {"events", "replay", "--since", "1h"});
  EXPECT_EQ(member(report, "scheduled"), "3");
  ASSERT_TRUE(receiver_.wait_for(5));
  wait_for_sql("SELECT count(*) FROM observer.retries", "0");
  // What was delivered before has the same id, what is new has not.
  std::map<std::string, int> ids;
  for (const HttpRequest& request : receiver_.requests()) ++ids[request.header("Idempotency-Key")];
  EXPECT_THAT(ids, SizeIs(4));
  EXPECT_EQ(ids[receiver_.request(1).header("Idempotency-Key")], 2);
  wait_for_sql(kProcessed, "2");
}

TEST_F(Pipeline, ReplayWithNewIdsIsNewToReceivers) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  insert(1);
  wait_for_sql(kProcessed, "1");
  const std::string id = only_id("observer_events");
  EXPECT_THAT(installation_.must({"events", "replay", id, "--new-ids"}),
              HasSubstr("scheduled 1 delivery with new ids"));
  ASSERT_TRUE(receiver_.wait_for(2));
  EXPECT_NE(receiver_.request(0).header("Idempotency-Key"),
            receiver_.request(1).header("webhook-id"));
  EXPECT_EQ(receiver_.request(0).body, receiver_.request(1).body);
}

TEST_F(Pipeline, ReplayKeepsTheOrderOfAnEntity) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  insert(1, "0");
  for (int n = 1; n < 8; ++n) {
    run_sql(database_, "UPDATE orders SET status = '" + std::to_string(n) + "'");
  }
  wait_for_sql(kProcessed, "8");
  const std::string once = bodies();
  installation_.must({"events", "replay", "--all"});
  ASSERT_TRUE(receiver_.wait_for(16));
  EXPECT_EQ(bodies(), once + once);
}

TEST_F(Pipeline, ReplayOfAStrictSequenceGoesThroughAllItsActions) {
  configure(one_observer("chain", R"("sequence": "strict", )",
                         action("first") + ", " + action("second") + ", " + action("third")));
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  insert(1);
  wait_for_sql(kProcessed, "1");
  const json::Value report = answer("events-replay", {"events", "replay", "--all"});
  EXPECT_EQ(member(report, "scheduled"), "1") << "one row carries them";
  ASSERT_THAT(report.find("actions")->items(), SizeIs(1));
  EXPECT_THAT(report.find("actions")->items()[0].find("then")->items(), SizeIs(2));
  ASSERT_TRUE(receiver_.wait_for(6));
  for (int n = 0; n < 6; ++n) {
    EXPECT_EQ(receiver_.request(n).target,
              std::vector<std::string>({"/first", "/second", "/third"})[n % 3]);
  }
  wait_for_sql("SELECT count(*) FROM observer.retries", "0");
}

TEST_F(Pipeline, ReplayLeavesAloneWhatIsScheduledAndRetriesADeadLetter) {
  configure(one_observer("crm", "", action("bad") + ", " + action("busy")));
  receiver_.handle(
      [](const HttpRequest& request) { return HttpReply(request.target == "/bad" ? 400 : 503); });
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  insert(1);
  wait_for_sql(
      "SELECT (SELECT count(*) FROM observer.retries) + (SELECT count(*) FROM"
      " observer.observer_dlq_items)",
      "2");
  receiver_.always(HttpReply(200));
  const CommandResult result = installation_.cli({"events", "replay", "--all"});
  EXPECT_EQ(result.exit, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("1 left alone: in the retry schedule already"));
  wait_for_sql("SELECT status FROM observer.observer_dlq_items", "success");
  EXPECT_EQ(scalar(database_, "SELECT count(*) FROM observer.retries"), "1");
}

}  // namespace
}  // namespace observerd::testing
