#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>

#include "fixture.hpp"
#include "support/eventually.hpp"
#include "support/http_server.hpp"

/// Commands that speak to running hosts through the database: pause and resume, reload, activate,
/// lanes; and those that show and start a configuration.
namespace observerd::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// A captured table, a receiver, and an observer "changed" that sends it every insert.
class Control : public ::testing::Test {
 protected:
  Control() : installation_(fresh_database()) {
    run_sql(installation_.database(), "CREATE TABLE item (id int PRIMARY KEY, n int)");
    installation_.capture("item", "Item");
    installation_.configure(observers(receiver_.url("/a")));
  }

  static std::string observers(const std::string& url, const std::string& more = "") {
    return R"({"observers": [{"name": "changed", "entity": "Item", "events": ["insert"],
      "actions": [{"type": "webhook", "url": ")" +
           url + "\"" + more + "}]}]}";
  }
  void insert(int id) const {
    run_sql(installation_.database(), "INSERT INTO item VALUES (" + std::to_string(id) + ", 0)");
  }
  std::string held() const {
    return scalar(installation_.database(),
                  "SELECT count(*) FROM observer.retries WHERE state IN ('held', 'behind')");
  }

  Installation installation_;
  HttpServer receiver_;
};

TEST_F(Control, APausedObserversDeliveriesAreHeldAndGoOutInOrderAfterwards) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  const std::string paused =
      installation_.must({"observers", "pause", "changed", "--reason", "the ERP moves", "--json"});
  EXPECT_EQ(against_schema("observers-changes", paused), "");
  // Each command is heard within a second; the first rows may still slip through.
  ASSERT_TRUE(eventually([&] {
    static int id = 1000;
    insert(++id);
    return held() != "0";
  })) << daemon.log();
  const std::size_t before = receiver_.requests().size();
  for (int id = 1; id <= 20; ++id) insert(id);
  ASSERT_TRUE(eventually([&] { return std::stoi(held()) >= 21; })) << held() << daemon.log();
  EXPECT_EQ(receiver_.requests().size(), before);

  const std::string list = installation_.must({"observers", "list", "--json"});
  EXPECT_EQ(against_schema("observers-list", list), "");
  EXPECT_THAT(list, HasSubstr("the ERP moves"));
  EXPECT_THAT(installation_.must({"observers", "list"}), HasSubstr("paused"));

  installation_.must({"observers", "resume", "changed"});
  EXPECT_TRUE(receiver_.wait_for(before + 21, seconds(30))) << daemon.log();
  ASSERT_TRUE(eventually([&] { return held() == "0"; }));
  EXPECT_THAT(installation_.must({"observers", "resume", "changed"}), HasSubstr("was not paused"));
  EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(Control, APauseOutlivesARestart) {
  installation_.must({"observers", "pause", "changed/webhook"});
  insert(1);
  {
    Daemon daemon(installation_);
    daemon.wait_until_ready();
    ASSERT_TRUE(eventually([&] { return held() == "1"; })) << daemon.log();
    EXPECT_EQ(daemon.stop(), 0);
  }
  EXPECT_TRUE(receiver_.requests().empty());
  installation_.must({"observers", "resume", "changed"});
  Daemon daemon(installation_);
  EXPECT_TRUE(receiver_.wait_for(1)) << daemon.log();
}

TEST_F(Control, PausingWhatIsNotThereSaysWhatMayBeMeant) {
  const CommandResult result = installation_.cli({"observers", "pause", "chnged", "changed/mail"});
  EXPECT_EQ(result.exit, 1);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("there is no observer \"chnged\", did you mean \"changed\""),
                    HasSubstr("the observer \"changed\" has no action \"mail\"")));
}

TEST_F(Control, AReloadSwitchesToTheNewConfigurationAsAWhole) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  insert(1);
  ASSERT_TRUE(receiver_.wait_for(1)) << daemon.log();
  installation_.configure(observers(receiver_.url("/b")));
  const std::string answer = installation_.must({"reload", "--json"});
  EXPECT_EQ(against_schema("reload", answer), "");
  insert(2);
  ASSERT_TRUE(receiver_.wait_for(2)) << daemon.log();
  EXPECT_EQ(receiver_.request(1).target, "/b");
  EXPECT_EQ(receiver_.request(1).connection, receiver_.request(0).connection)
      << "a module whose settings are the same keeps its connections";
  EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(Control, AReloadNamesWhatCountsFromTheNextStartOnAndWhatCannotArrive) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  EXPECT_THAT(installation_.must({"lanes", "list"}), HasSubstr("no destination has been used yet"));
  installation_.configure(R"({"log": {"level": "debug"}, "runtime": {"queue_events": 77},
    "observers": [{"name": "lost", "entity": "Itm", "actions": [{"type": "log"}]},
                  {"name": "told", "entity": "News", "events": ["custom"],
                   "actions": [{"type": "log"}]}]})");
  EXPECT_THAT(installation_.must({"reload"}),
              HasSubstr("reloaded; from the next start on: runtime.queue_events, log"));
  const char* const lost =
      "observer \"lost\": no table is captured as \"Itm\", did you mean \"Item\"?";
  EXPECT_THAT(daemon.log(), AllOf(HasSubstr(lost), Not(HasSubstr("News"))));
  EXPECT_THAT(installation_.must({"status"}),
              HasSubstr(std::string("! ") + lost + " (observerd capture add TABLE --entity Itm)"));
}

TEST_F(Control, ABadConfigurationChangesNothingAndSaysWhy) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  installation_.configure(R"({"observers": [{"name": "changed", "entity": "Item",
    "when": "n > ", "actions": [{"type": "webhok", "url": "http://x"}]}]})");
  daemon.signal(SIGHUP);
  ASSERT_TRUE(eventually([&] { return daemon.log().find("is refused") != std::string::npos; }));
  EXPECT_THAT(daemon.log(), HasSubstr("OB003"));
  insert(1);
  EXPECT_TRUE(receiver_.wait_for(1)) << daemon.log();
  installation_.configure(observers(receiver_.url("/c")));
  daemon.signal(SIGHUP);
  ASSERT_TRUE(eventually([&] { return daemon.log().find("was reloaded") != std::string::npos; }));
  insert(2);
  ASSERT_TRUE(receiver_.wait_for(2)) << daemon.log();
  EXPECT_EQ(receiver_.request(1).target, "/c");
}

TEST_F(Control, AReloadWithoutARunningHostIsANo) {
  const CommandResult result = installation_.cli({"reload"});
  EXPECT_EQ(result.exit, 1);
  EXPECT_THAT(result.err, HasSubstr("no host is running"));
}

TEST_F(Control, AHostWithAnotherConfigurationReadsNothingUntilItsOneIsActivated) {
  Daemon first(installation_);
  first.wait_until_ready();
  HttpServer other_receiver;
  Installation other(installation_.database());
  other.configure(observers(other_receiver.url("/other")));
  Daemon second(other);
  ASSERT_TRUE(eventually([&] {
    return second.log().find("this host reads nothing") != std::string::npos;
  })) << second.log();
  for (int id = 1; id <= 5; ++id) insert(id);
  EXPECT_TRUE(receiver_.wait_for(5)) << first.log();
  EXPECT_TRUE(other_receiver.requests().empty());

  const std::string activated = other.must({"activate", "--json"});
  EXPECT_EQ(against_schema("activate", activated), "");
  ASSERT_TRUE(eventually([&] {
    return first.log().find("this host reads nothing") != std::string::npos;
  })) << first.log();
  const std::size_t before = receiver_.requests().size();
  for (int id = 11; id <= 15; ++id) insert(id);
  EXPECT_TRUE(other_receiver.wait_for(5, seconds(30))) << second.log();
  EXPECT_EQ(receiver_.requests().size(), before);
  EXPECT_EQ(second.stop(), 0);
  EXPECT_EQ(first.stop(), 0);
}

TEST_F(Control, LanesShowADeadDestinationAndCanBeResumed) {
  installation_.configure(
      observers(receiver_.url("/a"), R"(, "breaker": {"failures": 2, "open": "1h"},
      "retry": {"initial_delay": "10ms", "max_delay": "10ms", "max_attempts": 100})"));
  receiver_.always(HttpReply(503));
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  for (int id = 1; id <= 5; ++id) insert(id);
  ASSERT_TRUE(eventually([&] {
    return installation_.must({"lanes", "list"}).find("open for") != std::string::npos;
  })) << installation_.must({"lanes", "list"})
      << daemon.log();
  const std::string list = installation_.must({"lanes", "list", "--json"});
  EXPECT_EQ(against_schema("lanes-list", list), "");
  const std::string lane = parsed(list).items().front().string_or("name");

  receiver_.always(HttpReply(200));
  const std::size_t before = receiver_.requests().size();
  const std::string resumed = installation_.must({"lanes", "resume", lane, "--json"});
  EXPECT_EQ(against_schema("lanes-resume", resumed), "");
  EXPECT_TRUE(receiver_.wait_for(before + 5, seconds(30))) << daemon.log();

  const CommandResult wrong = installation_.cli({"lanes", "resume", "webhook nowhere"});
  EXPECT_EQ(wrong.exit, 1);
}

TEST(Cli, InitGivesAConfigurationThatIsValid) {
  const Installation installation(fresh_database());
  const auto file = installation.directory() / "new.json";
  EXPECT_THAT(installation.must({"init", file.string()}), HasSubstr("observerd check"));
  const CommandResult again = installation.cli({"init", file.string()});
  EXPECT_EQ(again.exit, 3);
  EXPECT_THAT(again.err, HasSubstr("never overwritten"));
  std::filesystem::copy_file(file, installation.config_file(),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(installation.cli({"check"}).exit, 0) << installation.cli({"check"}).err;
}

TEST(Cli, ConfigShowNamesTheOriginOfEachValueAndNoSecret) {
  const Installation installation(fresh_database());
  installation.cli({"init"});
  Installation other(installation.database());
  other.configure(R"({"admin": {"listen": "127.0.0.1:0", "token": "open-sesame"},
    "observers": [{"name": "o", "entity": "Item", "actions": [{"type": "webhook",
      "url": "https://user:hidden-word@example.com/", "signing_secret": "whsec_c2VjcmV0LXdvcmQtaGVyZQ=="}]}]})");
  const std::string text = other.must({"config", "show"});
  EXPECT_THAT(text, AllOf(HasSubstr("conf.d/"), HasSubstr("observerd.json:"), HasSubstr("***")));
  EXPECT_THAT(
      text, Not(AllOf(HasSubstr("open-sesame"), HasSubstr("hidden-word"), HasSubstr("c2VjcmV0"))));
  for (const char* secret : {"open-sesame", "hidden-word", "c2VjcmV0"}) {
    EXPECT_THAT(text, Not(HasSubstr(secret)));
  }
  const std::string machine = other.must({"config", "show", "--json"});
  EXPECT_EQ(against_schema("config-show", machine), "");
  EXPECT_EQ(json::at_pointer(parsed(machine), "/configuration/observers/0/name")->text(), "o");
}

TEST_F(Control, TestSendReallySendsAndSaysWhatBecameOfIt) {
  const std::string event =
      event_file(installation_,
                 R"({"kind": "insert", "entity": "Item", "id": "7", "new": {"id": 7, "n": 1}})");
  installation_.must({"test", "--event", event});
  EXPECT_TRUE(receiver_.requests().empty());
  const std::string sent = installation_.must({"test", "--event", event, "--send", "--json"});
  EXPECT_EQ(against_schema("test", sent), "");
  ASSERT_EQ(receiver_.requests().size(), 1u);
  EXPECT_THAT(receiver_.request(0).body, HasSubstr("\"test\":true"));
  EXPECT_EQ(scalar(installation_.database(), "SELECT count(*) FROM observer.retries"), "0");

  receiver_.always(HttpReply(410));
  const CommandResult gone = installation_.cli({"test", "--event", event, "--send"});
  EXPECT_EQ(gone.exit, 1);
  EXPECT_THAT(gone.out, HasSubstr("410"));
}

}  // namespace
}  // namespace observerd::testing
