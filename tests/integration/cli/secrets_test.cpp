#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "fixture.hpp"
#include "support/http_server.hpp"

/// Dead letters as the command line shows them; and that no secret gets anywhere.
namespace observerd::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kToken = "tok-51f0c2e7a9";
constexpr const char* kKey = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kPassword = "pw-7e1d9b3c5f";
constexpr const char* kInUrl = "url-2b8f6d0a41";

/// A receiver that refuses for good on /wrong, asks for patience on /busy, and in both cases
/// repeats what it was sent: the worst that a receiver can do with a secret.
HttpReply refuse(const HttpRequest& request) {
  std::string echo = "you sent " + request.header("Authorization") + " and whsec_" + kKey;
  echo += " to " + request.target;
  return HttpReply(request.target.starts_with("/wrong?") ? 404 : 503, std::move(echo));
}

class CliDeadLetters : public ::testing::Test {
 protected:
  CliDeadLetters()
      : token_("OBSERVERD_TEST_TOKEN", kToken),
        key_("OBSERVERD_TEST_KEY", std::string("whsec_") + kKey),
        url_("OBSERVERD_TEST_URL", with_password()),
        hook_("OBSERVERD_TEST_HOOK", receiver_.url(std::string("/wrong?key=") + kInUrl)) {
    receiver_.handle(refuse);
    run_sql(database_, "CREATE TABLE orders (id int PRIMARY KEY, total numeric)");
    installation_.capture("orders", "Order");
    write_main(installation_,
               R"({"database": {"url_env": "OBSERVERD_TEST_URL"}, "plugins": {"directories": [)" +
                   json::quote(OBSERVERD_BUILD_DIR "/plugins") +
                   R"(], "settings": {"webhook": {"allow_http": true,
                        "allow_addresses": ["127.0.0.0/8"]}}}, "log": {"level": "trace"}})");
    installation_.configure("{\"observers\": [" +
                            observer("wrong", R"("url_env": "OBSERVERD_TEST_HOOK")", "") + ", " +
                            observer("busy", "\"url\": " + json::quote(receiver_.url("/busy")),
                                     R"(, "initial_delay": "1h")") +
                            "]}");
  }

  /// The server asks nobody for a password, so a client may send any.
  std::string with_password() const {
    return database_ + (database_.find('?') == std::string::npos ? "?" : "&") +
           "password=" + kPassword;
  }

  static std::string observer(const std::string& name, const std::string& url,
                              const std::string& retry) {
    return R"({"name": ")" + name + R"(", "entity": "Order", "actions": [{"type": "webhook", )" +
           url +
           R"(, "headers": {"Authorization": {"env": "OBSERVERD_TEST_TOKEN", "prefix": "Bearer "}},
               "signing_secret_env": "OBSERVERD_TEST_KEY", "retry": {"max_attempts": 9)" +
           retry + "}}]}";
  }

  json::Value list(std::vector<std::string> filters = {}) const {
    filters.insert(filters.begin(), {"dlq", "list", "--json"});
    const std::string output = installation_.must(filters);
    EXPECT_EQ(against_schema("dlq-list", output), "");
    return parsed(output);
  }

  /// One change; returns the id of the dead letter that it became, when the retry is scheduled too.
  std::string fail_one(const Daemon& daemon) {
    run_sql(database_, "INSERT INTO orders VALUES (1, 9.50)");
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < until) {
      if (scalar(database_,
                 "SELECT (SELECT count(*) FROM observer.observer_dlq_items) = 1"
                 " AND (SELECT count(*) FROM observer.retries) = 1") == "t") {
        return list().items().at(0).string_or("id");
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error("no dead letter, or no retry; the log:\n" + daemon.log());
  }

  HttpServer receiver_;
  const std::string database_ = fresh_database();
  EnvironmentVariable token_, key_, url_, hook_;
  Installation installation_{database_};
};

void expect_no_secret(const std::string& where, const std::string& text) {
  for (const char* secret : {kToken, kKey, kPassword, kInUrl}) {
    EXPECT_THAT(text, Not(HasSubstr(secret))) << where;
  }
}

TEST_F(CliDeadLetters, AreListedShownRetriedAndDiscarded) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  const std::string id = fail_one(daemon);
  EXPECT_THAT(list({"--code", "http_404"}).items(), SizeIs(1));
  EXPECT_THAT(list({"--status", "success"}).items(), SizeIs(0));
  EXPECT_THAT(list({"--observer", "busy"}).items(), SizeIs(0));

  const std::string shown = installation_.must({"dlq", "show", id, "--json"});
  EXPECT_EQ(against_schema("dlq-show", shown), "");
  const json::Value letter = parsed(shown);
  const json::Value* total = json::at_pointer(letter, "/event/new/total");
  EXPECT_EQ(total == nullptr ? "" : total->text(), "9.50") << shown;
  const std::string stats = installation_.must({"dlq", "stats", "--json"});
  EXPECT_EQ(against_schema("dlq-stats", stats), "");
  EXPECT_EQ(parsed(stats).find("total")->text(), "1");

  receiver_.always(HttpReply(204));
  const std::string retried = installation_.must({"dlq", "retry", id, "--json"});
  EXPECT_EQ(against_schema("dlq-changes", retried), "");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (list({"--status", "success"}).items().empty() &&
         std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_THAT(list({"--status", "success"}).items(), SizeIs(1));

  // Too late to give it up.
  const CommandResult discarded = installation_.cli({"dlq", "discard", id, "--json"});
  EXPECT_EQ(discarded.exit, 1);
  EXPECT_EQ(against_schema("dlq-changes", discarded.out), "");
  const CommandResult unknown =
      installation_.cli({"dlq", "show", "6f9619ff-8b86-5011-b42d-00cf4fc964ff"});
  EXPECT_EQ(unknown.exit, 1);
  EXPECT_THAT(unknown.err, ::testing::StartsWith("OB012 "));
}

TEST_F(CliDeadLetters, NoSecretIsPrintedLoggedOrStored) {
  std::string log;
  std::string id;
  {
    Daemon daemon(installation_);
    daemon.wait_until_ready();
    id = fail_one(daemon);
    EXPECT_EQ(daemon.stop(), 0);
    log = daemon.log();
  }
  // They were in use.
  ASSERT_THAT(receiver_.requests(), ::testing::Not(::testing::IsEmpty()));
  std::set<std::string> targets;
  for (const HttpRequest& request : receiver_.requests()) {
    EXPECT_EQ(request.header("Authorization"), std::string("Bearer ") + kToken);
    targets.insert(request.target);
  }
  EXPECT_EQ(targets, (std::set<std::string>{std::string("/wrong?key=") + kInUrl, "/busy"}));
  expect_no_secret("the log", log);
  const Rows tables = run_sql(database_,
                              "SELECT relname FROM pg_class WHERE relnamespace = "
                              "'observer'::regnamespace AND relkind IN ('r', 'p', 'm')");
  std::set<std::string> seen;
  for (const std::vector<std::string>& table : tables) {
    const std::string rows =
        scalar(database_, "SELECT string_agg(t::text, E'\\n') FROM observer." + table[0] + " AS t");
    if (rows != "NULL" && !rows.empty()) seen.insert(table[0]);
    expect_no_secret(table[0], rows);
  }
  for (const char* table : {"observer_events", "observer_dlq_items", "observer_dlq_history",
                            "retries", "outbox", "ledger"}) {
    EXPECT_EQ(seen.count(table), 1u) << table << " has no row that could show one";
  }

  const std::string event = event_file(
      installation_, R"({"kind": "insert", "entity": "Order", "id": "2", "new": {"id": 2}})");
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"check"},
                                             {"check", "--online"},
                                             {"test", "--event", event},
                                             {"plugins", "list"},
                                             {"plugins", "info", "webhook"},
                                             {"capture", "list"},
                                             {"migrate", "--status"},
                                             {"dlq", "list"},
                                             {"dlq", "show", id},
                                             {"dlq", "stats"},
                                             {"status"}}) {
    for (const bool machine : {false, true}) {
      std::vector<std::string> all = words;
      if (machine) all.emplace_back("--json");
      const CommandResult result = installation_.cli(all);
      expect_no_secret(words[0], result.out);
      expect_no_secret(words[0], result.err);
      EXPECT_LE(result.exit, 1) << words[0] << result.err;
    }
  }
}

TEST_F(CliDeadLetters, NoSecretIsInErrorsOfTheConfigurationAndTheDatabase) {
  const std::string password = kPassword;
  {
    const EnvironmentVariable dead("OBSERVERD_TEST_URL",
                                   "postgresql://app:" + password + "@127.0.0.1:1/app");
    for (const std::string command : {"status", "migrate", "run"}) {
      const CommandResult result = installation_.cli({command});
      EXPECT_EQ(result.exit, 4);
      expect_no_secret(command, result.out + result.err);
    }
  }
  for (const std::string& bad :
       std::vector<std::string>{"postgresql://app:" + password + "@[/app", "app " + password,
                                "host=127.0.0.1 port=1 password=" + password + " nonsense=1"}) {
    const EnvironmentVariable url("OBSERVERD_TEST_URL", bad);
    const CommandResult result = installation_.cli({"status"});
    EXPECT_GE(result.exit, 3);
    expect_no_secret(bad, result.out + result.err);
  }
}

}  // namespace
}  // namespace observerd::testing
