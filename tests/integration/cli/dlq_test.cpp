#include "stored_fixture.hpp"

/// Changes of dead letters, one and many, as the command line makes them.
namespace observerd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kLetters = "SELECT count(*) FROM observer.observer_dlq_items";

class CliDlq : public StoredThings {
 protected:
  /// That many dead letters, refused with 400.
  void fail(const Daemon& daemon, int count) {
    daemon.wait_until_ready();
    receiver_.always(HttpReply(400));
    for (int id = 1; id <= count; ++id) insert(id);
    wait_for_sql(kLetters, std::to_string(count));
  }
};

TEST_F(CliDlq, RetryWaitsForTheOutcomeOfEach) {
  Daemon daemon(installation_);
  fail(daemon, 2);
  receiver_.handle([](const HttpRequest& request) {
    return HttpReply(request.body.starts_with("1 ") ? 200 : 404, "no such order");
  });
  const json::Value outcome = answer("dlq-wait", {"dlq", "retry", "--all", "--wait"}, 1);
  EXPECT_EQ(member(outcome, "selected"), "2");
  EXPECT_EQ(member(outcome, "delivered"), "1");
  ASSERT_THAT(outcome.find("failed")->items(), SizeIs(1));
  const std::string id = member(outcome.find("failed")->items()[0], "id");
  receiver_.always(HttpReply(200));
  const CommandResult again = installation_.cli({"dlq", "retry", id, "--wait"});
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("delivered 1 dead letter, 0 failed again, 0 not finished"));
}

TEST_F(CliDlq, RetryDoesNotWaitWhereNoHostRuns) {
  {
    Daemon daemon(installation_);
    fail(daemon, 1);
    EXPECT_EQ(daemon.stop(), 0);
  }
  const CommandResult result = installation_.cli({"dlq", "retry", "--all", "--wait"});
  EXPECT_EQ(result.exit, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("no host is running"), HasSubstr("OB012 "),
                                HasSubstr("is still being retried")));
}

TEST_F(CliDlq, ADryRunSaysHowManyAndChangesNothing) {
  Daemon daemon(installation_);
  fail(daemon, 3);
  json::Value bulk = answer("dlq-bulk", {"dlq", "retry", "--all", "--dry-run"});
  EXPECT_EQ(member(bulk, "selected"), "3");
  EXPECT_EQ(member(bulk, "done"), "0");
  bulk = answer("dlq-bulk", {"dlq", "discard", "--all", "--id", "2", "--dry-run"});
  EXPECT_EQ(member(bulk, "selected"), "1");
  EXPECT_EQ(scalar(database_, std::string(kLetters) + " WHERE status = 'pending'"), "3");
  EXPECT_THAT(receiver_.requests(), SizeIs(3));
}

TEST_F(CliDlq, ChangesByFilterAndPurge) {
  Daemon daemon(installation_);
  fail(daemon, 3);
  EXPECT_THAT(installation_.must({"dlq", "discard", "--all", "--code", "http_400", "--limit", "2"}),
              HasSubstr("discarded 2 dead letters"));
  EXPECT_EQ(
      member(answer("dlq-bulk", {"dlq", "retry", "--all", "--status", "success"}), "selected"), "0")
      << "nothing of that can be retried";
  run_sql(database_,
          "UPDATE observer.observer_dlq_items SET created_at = now() - interval '40 days'");
  json::Value purged = answer("dlq-purge", {"dlq", "purge", "--older-than", "30d", "--dry-run"});
  EXPECT_EQ(member(purged, "deleted"), "2");
  EXPECT_EQ(scalar(database_, kLetters), "3");
  purged = answer("dlq-purge", {"dlq", "purge", "--older-than", "30d"});
  EXPECT_EQ(member(purged, "deleted"), "2");
  EXPECT_EQ(scalar(database_, kLetters), "1") << "what is pending is kept";
  EXPECT_THAT(installation_.must({"dlq", "purge", "--older-than", "30d", "--status", "pending"}),
              HasSubstr("deleted 1 dead letter\n"));
}

TEST_F(CliDlq, UnknownIdsAreToldAllAtOnce) {
  const std::string one = "6f9619ff-8b86-5011-b42d-00cf4fc964ff";
  const std::string two = "00000000-0000-4000-8000-000000000000";
  const CommandResult result = installation_.cli({"dlq", "retry", one, two});
  EXPECT_EQ(result.exit, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("OB012 " + one + " does not exist"),
                                HasSubstr("OB012 " + two + " does not exist")));
  EXPECT_THAT(result.out, IsEmpty());
}

TEST_F(CliDlq, WrongWordsAreToldAllAtOnce) {
  const struct {
    std::vector<std::string> words;
    std::vector<std::string> says;
  } cases[] = {
      {{"dlq", "retry"}, {"which? give ids, or --all"}},
      {{"dlq", "retry", "17", "18"}, {"\"17\" is no id", "\"18\" is no id"}},
      {{"dlq", "discard", "--observer", "crm"}, {"--observer goes with --all"}},
      {{"dlq", "retry", "--all", "--timeout", "1s"}, {"--timeout goes with --wait"}},
      {{"dlq", "retry", "--all", "--wait", "--dry-run"}, {"exclude each other"}},
      {{"dlq", "purge"}, {"--older-than is needed"}},
      {{"dlq", "purge", "--older-than", "old", "--status", "retrying"},
       {"--older-than \"old\" is no duration", "\"retrying\" is none of success, discarded"}},
      {{"dlq", "list", "--status", "pending,lost", "--since", "x"},
       {"\"lost\" is none of", "--since \"x\" is no time"}},
  };
  for (const auto& one : cases) {
    const CommandResult result = installation_.cli(one.words);
    EXPECT_EQ(result.exit, 2) << result.err;
    for (const std::string& says : one.says) EXPECT_THAT(result.err, HasSubstr(says));
    EXPECT_THAT(result.out, IsEmpty());
  }
}

TEST_F(CliDlq, PagesAndShowsWhatFailed) {
  Daemon daemon(installation_);
  fail(daemon, 3);
  const json::Value page = answer("dlq-list", {"dlq", "list", "--limit", "2"});
  ASSERT_THAT(page.items(), SizeIs(2));
  const std::string last = member(page.items()[1], "id");
  EXPECT_THAT(answer("dlq-list", {"dlq", "list", "--before", last}).items(), SizeIs(1));
  const json::Value shown = answer("dlq-show", {"dlq", "show", last});
  ASSERT_THAT(shown.find("history")->items(), SizeIs(1));
  EXPECT_EQ(member(shown.find("history")->items()[0], "error_code"), "http_400");
  EXPECT_THAT(json::write(*shown.find("action_config")), HasSubstr("{{ id }} {{ status }}"))
      << "as configured, not as rendered";
  EXPECT_EQ(member(shown, "attempts_not_kept"), "0");
  EXPECT_THAT(installation_.must({"dlq", "list"}), HasSubstr("http_400"));
}

TEST_F(CliDlq, ShowSaysHowManyAttemptsAreNotKept) {
  Daemon daemon(installation_);
  fail(daemon, 1);
  const std::string id = scalar(database_, "SELECT id FROM observer.observer_dlq_items");
  EXPECT_THAT(installation_.must({"dlq", "show", id}), Not(HasSubstr("not kept")));
  run_sql(database_, "UPDATE observer.observer_dlq_history SET attempt_number = 52");
  EXPECT_EQ(member(answer("dlq-show", {"dlq", "show", id}), "attempts_not_kept"), "51");
  EXPECT_THAT(installation_.must({"dlq", "show", id}), HasSubstr("51 earlier attempts, not kept"));
}

}  // namespace
}  // namespace observerd::testing
