#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "admin/site.hpp"
#include "app/admin_api.hpp"
#include "support/postgres.hpp"

/// The endpoints of the API against a database with observerd's tables, without any host.
namespace observerd::testing {
namespace {

class AdminApiTest : public ::testing::Test {
 protected:
  AdminApiTest() {
    auto configuration = std::make_shared<config::Configuration>();
    configuration->sources.add("no-such-file.json", "");
    config::ObserverSettings observer;
    observer.name = "shipped";
    observer.entity = "Order";
    config::ActionSettings action;
    action.name = action.type = "webhook";
    observer.actions.push_back(action);
    configuration->settings.observers.push_back(observer);
    configuration_ = configuration;
  }

  void open(const std::string& url, std::size_t connections = 2,
            Milliseconds patience = Milliseconds(2000)) {
    postgres::Options options;
    options.url = url;
    pool_ = std::make_unique<app::DatabasePool>(options, connections, patience);
    admin::Contents contents;
    contents.api =
        app::admin_endpoints({*pool_, [this] { return configuration_; },
                              [] { return std::make_shared<plugin::Registry>(); }, clock_,
                              [] { return std::string("this host's"); }, commands_});
    site_ = std::make_unique<admin::Site>(std::move(contents),
                                          admin::Access(*admin::parse_listen_address(listen_), ""));
  }

  admin::HttpResponse ask(const std::string& method, const std::string& target,
                          const std::string& body = {}) const {
    admin::HttpRequest request;
    request.method = method;
    request.target = "/api/v1/" + target;
    request.headers = {{"Host", "x"}, {"Content-Type", "application/json"}};
    request.body = body;
    return site_->respond(request);
  }
  /// The body of an answer of this status.
  json::Value must(int status, const std::string& method, const std::string& target,
                   const std::string& body = {}) const {
    const admin::HttpResponse response = ask(method, target, body);
    EXPECT_EQ(response.status, status) << target << '\n' << response.body;
    const auto value = json::parse(response.body, Code::Storage);
    EXPECT_TRUE(value.ok()) << response.body;
    return value ? *value : json::Value();
  }
  std::string problem(int status, const std::string& method, const std::string& target,
                      const std::string& body = {}) const {
    const json::Value answer = must(status, method, target, body);
    const json::Value* error = answer.find("error");
    return error == nullptr ? "no error" : error->string_or("message");
  }

  const SystemClock clock_;
  std::string listen_ = "unix:/x";
  std::shared_ptr<const config::Configuration> configuration_;
  app::OwnCommands commands_{OBSERVERD_BUILD_DIR "/bin/observerd"};
  std::unique_ptr<app::DatabasePool> pool_;
  std::unique_ptr<admin::Site> site_;
};

const char* const kNoId = "00000000-0000-4000-8000-000000000000";

TEST_F(AdminApiTest, AnswersEveryListOfAnIdleDatabase) {
  open(fresh_database());
  const json::Value status = must(200, "GET", "status");
  EXPECT_FALSE(status.find("moving")->as_boolean()) << "nobody reads";
  EXPECT_EQ(status.find("segments")->items().size(), 4u);
  for (const char* empty :
       {"dlq", "deliveries", "events", "lanes", "hosts", "plugins", "captures"}) {
    EXPECT_EQ(json::write(must(200, "GET", empty)), "[]") << empty;
  }
  const json::Value observers = must(200, "GET", "observers");
  ASSERT_EQ(observers.items().size(), 1u);
  EXPECT_EQ(observers.items()[0].string_or("name"), "shipped");
  EXPECT_EQ(must(200, "GET", "dlq/stats").find("total")->text(), "0");
}

TEST_F(AdminApiTest, EveryEndpointThatIsListedAnswers) {
  open(fresh_database());
  const json::Value index = must(200, "GET", "");
  int seen = 0;
  for (const json::Value& endpoint : index.find("endpoints")->items()) {
    std::string path = endpoint.string_or("path").substr(std::string("/api/v1/").size());
    if (const std::size_t at = path.find("{id}"); at != std::string::npos) {
      path.replace(at, 4, kNoId);
    }
    const bool get = endpoint.string_or("method") == "GET";
    const int status = ask(get ? "GET" : "POST", path).status;
    const bool needs_more = !get || path == "events/tail";
    EXPECT_TRUE(status == 200 || status == 404 || (needs_more && status == 400))
        << path << ' ' << status;
    ++seen;
  }
  EXPECT_GE(seen, 29);
}

TEST_F(AdminApiTest, PausesAndResumesWhatIsConfigured) {
  const std::string url = fresh_database();
  open(url);
  const std::string body = R"({"names":["shipped/webhook"],"reason":"the receiver moves"})";
  EXPECT_EQ(json::write(must(200, "POST", "observers/pause", body)),
            R"([{"name":"shipped/webhook","changed":true}])");
  EXPECT_EQ(json::write(must(200, "POST", "observers/pause", body)),
            R"([{"name":"shipped/webhook","changed":false}])");
  const json::Value observers = must(200, "GET", "observers");
  const json::Value& pause = observers.items()[0].find("paused")->items().at(0);
  EXPECT_EQ(pause.string_or("action"), "webhook");
  EXPECT_EQ(pause.string_or("reason"), "the receiver moves");
  EXPECT_EQ(json::write(must(200, "POST", "observers/resume", R"({"names":["shipped"]})")),
            R"([{"name":"shipped","changed":true}])");
}

TEST_F(AdminApiTest, TellsEverythingThatIsWrongWithACall) {
  open(fresh_database());
  const struct {
    const char *method, *target, *body, *problem;
  } cases[] = {
      {"GET", "dlq?status=nope&since=x", "", "nope"},
      {"GET", "dlq?status=nope&since=x", "", "since"},
      {"GET", "dlq/seven", "", "is no id"},
      {"GET", "observers?limit=0", "", "limit"},
      {"POST", "dlq/retry", "{}", "which?"},
      {"POST", "dlq/retry", R"({"ids":["seven"]})", "is no id"},
      {"POST", "dlq/retry", R"({"ids":"seven"})", "list of strings"},
      {"POST", "dlq/retry", R"({"ids":[],"all":true})", "which?"},
      {"POST", "dlq/retry", R"({"ids":[],"observer":"a"})", "go with"},
      {"POST", "dlq/retry", R"({"all":true,"obsever":"a"})", "did you mean \"observer\"?"},
      {"POST", "dlq/retry", R"({"all":1})", "true or false"},
      {"POST", "observers/pause", R"({"names":["shiped"]})", "did you mean \"shipped\"?"},
      {"POST", "observers/pause", R"({"names":["shipped/mail"]})", "has no action \"mail\""},
      {"POST", "observers/pause", "{}", "is needed"},
      {"POST", "lanes/resume", "{}", "is needed"},
      {"POST", "reload", R"({"now":true})", "no member \"now\""},
      {"POST", "activate", R"({"now":true})", "no member \"now\""},
      {"POST", "dlq/purge", "{}", "is needed"},
      {"POST", "dlq/purge", R"({"older_than":"soon","status":"retrying"})", "is no duration"},
      {"POST", "dlq/purge", R"({"older_than":"1d","status":"retrying"})", "is none of success"},
      {"POST", "eval", "{}", "\"condition\" is needed: a text; \"event\" is needed: an object"},
      {"POST", "eval", R"({"condition":"true","event":"x"})", "\"event\" is needed"},
      {"POST", "test", R"({"event":[],"send":true})", "no member \"send\""},
      {"POST", "test", R"({"event":[]})", "\"event\" is needed"},
      {"POST", "check", R"({"online":1})", "true or false"},
      {"GET", "events/tail", "", "where from?"},
      {"GET", "events/tail?after=seven&from=soon", "", "is no id"},
      {"GET", "events/tail?after=seven&from=soon", "", "is no time"},
      {"POST", "events/replay", "{}", "which?"},
      {"POST", "events/replay", R"({"ids":["seven"],"all":true})", "exclude each other"},
      {"POST", "events/replay", R"({"all":true,"limit":0})", "limit"},
  };
  for (const auto& one : cases) {
    const std::string said = problem(400, one.method, one.target, one.body);
    EXPECT_NE(said.find(one.problem), std::string::npos) << one.target << one.body << ": " << said;
  }
}

TEST_F(AdminApiTest, ADryRunOverNothingSelectsNothing) {
  open(fresh_database());
  const json::Value answer =
      must(200, "POST", "dlq/retry", R"({"all":true,"observer":"shipped","dry_run":true})");
  EXPECT_EQ(answer.find("selected")->text(), "0");
  EXPECT_TRUE(answer.find("dry_run")->as_boolean());
}

TEST_F(AdminApiTest, PurgesReplaysAndActivatesAsTheCommandsDo) {
  const std::string url = fresh_database();
  open(url);
  run_sql(
      url,
      "INSERT INTO observer.observer_events (id, event_type, entity_type, entity_id, data, kind, "
      "type, entity_key, status) SELECT gen_random_uuid(), 'INSERT', 'Order', "
      "gen_random_uuid(), '{}', 'insert', 'Order.insert', n::text, 'processed' "
      "FROM generate_series(1, 3) n");
  const json::Value dry =
      must(200, "POST", "events/replay", R"({"entity":"Order","dry_run":true,"limit":2})");
  EXPECT_EQ(dry.find("events")->text(), "2");
  EXPECT_TRUE(dry.find("dry_run")->as_boolean());
  EXPECT_EQ(scalar(url, "SELECT count(*) FROM observer.retries"), "0");
  must(200, "POST", "events/replay", R"({"all":true,"observer":"shipped"})");

  EXPECT_EQ(must(200, "POST", "dlq/purge", R"({"older_than":"1d"})").find("deleted")->text(), "0");
  const json::Value active = must(200, "POST", "activate");
  EXPECT_EQ(active.string_or("fingerprint"), "this host's");
  EXPECT_EQ(scalar(url, "SELECT fingerprint FROM observer.active_configuration"), "this host's");
}

TEST_F(AdminApiTest, AnUnknownIdIsNotFound) {
  open(fresh_database());
  for (const char* kind : {"dlq/", "deliveries/", "events/", "events/tail?after="}) {
    problem(404, "GET", std::string(kind) + kNoId);
  }
  const json::Value changes =
      must(200, "POST", "dlq/retry", R"({"ids":[")" + std::string(kNoId) + "\"]}");
  EXPECT_FALSE(changes.items().at(0).find("done")->as_boolean());
}

TEST_F(AdminApiTest, WhatRunsCodeNeedsTheHeaderOfAChange) {
  listen_ = "127.0.0.1:9810";
  open("postgresql://nobody@127.0.0.1:1/nothing");
  for (const char* path : {"check", "eval", "test"}) {
    admin::HttpRequest request;
    request.method = "POST";
    request.target = std::string("/api/v1/") + path;
    request.headers = {{"Host", "127.0.0.1:9810"}, {"Content-Type", "application/json"}};
    request.body = R"({"unknown":1})";
    EXPECT_EQ(site_->respond(request).status, 403) << path;
    request.headers.emplace_back("X-Observerd-Request", "1");
    EXPECT_EQ(site_->respond(request).status, 400) << path;
  }
}

TEST_F(AdminApiTest, ACommandThatGivesNoAnswerIsAnError) {
  open("postgresql://nobody@127.0.0.1:1/nothing");
  EXPECT_FALSE(must(200, "POST", "check").find("ok")->as_boolean()) << "there is no such file";
  const std::string body = R"({"event":{"kind":"insert","entity":"Order","id":"1","new":{}}})";
  const json::Value refused = must(422, "POST", "test", body);
  const json::Value* notes = json::at_pointer(refused, "/error/notes");
  ASSERT_FALSE(notes->items().empty());
  EXPECT_NE(notes->items()[0].text().find("no-such-file.json"), std::string::npos);
  commands_.close();
  EXPECT_NE(problem(503, "POST", "test", body).find("stopping"), std::string::npos);
}

TEST_F(AdminApiTest, ADatabaseThatIsAwayIs503) {
  open("postgresql://nobody@127.0.0.1:1/nothing");
  EXPECT_NE(problem(503, "GET", "status"), "no error");
  EXPECT_EQ(must(200, "GET", "plugins").items().size(), 0u) << "needs no database";
}

TEST_F(AdminApiTest, WhoFindsNoConnectionFreeIsToldSo) {
  open(fresh_database(), 1, Milliseconds(20));
  {
    const auto busy = pool_->take();
    ASSERT_TRUE(busy.ok());
    EXPECT_NE(problem(503, "GET", "status").find("busy"), std::string::npos);
  }
  must(200, "GET", "status");
  pool_->close();
  EXPECT_NE(problem(503, "GET", "status").find("stopping"), std::string::npos);
}

TEST_F(AdminApiTest, ClosingThePoolEndsAQueryThatHangs) {
  open(fresh_database(), 1);
  auto lease = pool_->take();
  ASSERT_TRUE(lease.ok());
  std::atomic<bool> running{false};
  std::thread query([&] {
    const Status status = (**lease).run([&](pqxx::nontransaction& transaction) {
      running = true;
      transaction.exec("SELECT pg_sleep(60)");
      return Status();
    });
    EXPECT_EQ(postgres::sqlstate(status), "57014");
  });
  while (!running) std::this_thread::yield();
  // A cancellation that comes before the query has reached the server is lost: until it ends.
  std::atomic<bool> ended{false};
  std::thread closer([&] {
    while (!ended) pool_->close();
  });
  query.join();
  ended = true;
  closer.join();
}

}  // namespace
}  // namespace observerd::testing
