#include <gtest/gtest.h>

#include <fstream>

#include "base/json.hpp"
#include "integration/admin/client.hpp"
#include "support/daemon.hpp"
#include "support/http_server.hpp"
#include "support/postgres.hpp"

/// What the API says of the configuration, held to what the commands say of the same.
namespace observerd::testing {
namespace {

constexpr const char* kEvent =
    R"({"kind":"insert","entity":"Order","id":"7","time":"2026-01-31T12:00:00Z",)"
    R"("new":{"id":7,"total":150.50}})";
constexpr const char* kSecret = "c2VjcmV0LXdvcmQtdGhhdC1pcy1sb25nLWVub3VnaA==";

class AdminConfiguredTest : public ::testing::Test {
 protected:
  AdminConfiguredTest() : installation_(fresh_database()) {
    run_sql(installation_.database(), "CREATE TABLE orders (id int PRIMARY KEY, total numeric)");
    installation_.capture("orders", "Order");
    address_ = "unix:" + (installation_.directory() / "admin.sock").string();
    configure("total > 100");
    installation_.must({"capture", "sync"});
  }

  void configure(const std::string& condition) {
    installation_.configure(R"({"admin": {"listen": ")" + address_ + R"("},
      "observers": [{"name": "large", "entity": "Order", "events": ["insert"], "when": ")" +
                            condition + R"(",
        "actions": [{"type": "webhook", "url": ")" +
                            receiver_.url("/hook") + R"(", "signing_secret": "whsec_)" + kSecret +
                            R"("}]}]})");
  }

  Reply get(const std::string& path) const { return ask(address_, "GET", "/api/v1/" + path); }
  Reply post(const std::string& path, const std::string& body) const {
    return ask(address_, "POST", "/api/v1/" + path, "Content-Type: application/json\r\n", body);
  }
  static std::string error_code(const Reply& reply) {
    const auto body = json::parse(reply.body, Code::Storage);
    const json::Value* error = body ? body->find("error") : nullptr;
    return error == nullptr ? reply.body : error->string_or("code");
  }
  std::string event_file() const {
    const auto file = installation_.directory() / "event.txt";
    std::ofstream(file) << kEvent;
    return file.string();
  }

  HttpServer receiver_;
  Installation installation_;
  std::string address_;
};

TEST_F(AdminConfiguredTest, ShowsWhatTheCommandsShow) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  const struct {
    const char* path;
    std::vector<std::string> command;
  } cases[] = {
      {"config", {"config", "show"}},
      {"schema", {"schema"}},
      {"captures", {"capture", "list"}},
      {"plugins/webhook", {"plugins", "info", "webhook"}},
      {"help", {"help"}},
      {"help/ob005", {"help", "OB005"}},
  };
  for (const auto& one : cases) {
    std::vector<std::string> command = one.command;
    command.emplace_back("--json");
    const Reply reply = get(one.path);
    EXPECT_EQ(reply.status, 200) << one.path;
    EXPECT_EQ(reply.body, installation_.must(command)) << one.path;
  }
  EXPECT_EQ(get("config").body.find(kSecret), std::string::npos);
  EXPECT_NE(get("captures").body.find("\"large\""), std::string::npos) << "whom the triggers serve";
  EXPECT_EQ(get("help/OB021").status, 404);
}

TEST_F(AdminConfiguredTest, EvaluatesAsTheCommandDoes) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  const auto body = [](const std::string& condition, const std::string& event) {
    return R"({"condition":")" + condition + R"(","event":)" + event + '}';
  };
  for (const char* condition : {"total = 150.5 && id < 9", "total > 1000", "no_such_field > 1"}) {
    const Reply reply = post("eval", body(condition, kEvent));
    EXPECT_EQ(reply.status, 200) << condition;
    const CommandResult command =
        installation_.cli({"eval", "--condition", condition, "--event", event_file(), "--json"});
    EXPECT_EQ(reply.body, command.out) << condition;
  }
  const Reply syntax = post("eval", body("total >", kEvent));
  EXPECT_EQ(syntax.status, 422);
  EXPECT_EQ(error_code(syntax), "OB003");
  const Reply event = post("eval", body("total > 1", R"({"kind":"insrt","entity":"Order"})"));
  EXPECT_EQ(event.status, 422);
  EXPECT_EQ(error_code(event), "OB020");
}

TEST_F(AdminConfiguredTest, TestsAndChecksAsTheCommandsDoAndSendsNothing) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  const std::string body = std::string(R"({"event":)") + kEvent + '}';
  const Reply tested = post("test", body);
  EXPECT_EQ(tested.status, 200);
  EXPECT_EQ(tested.body, installation_.must({"test", "--event", event_file(), "--json"}));
  EXPECT_NE(tested.body.find("150.5"), std::string::npos);
  EXPECT_EQ(tested.body.find(kSecret), std::string::npos);
  EXPECT_EQ(post("check", "{}").body, installation_.must({"check", "--json"}));
  EXPECT_EQ(post("check", R"({"online":true})").body,
            installation_.must({"check", "--online", "--json"}));
  EXPECT_TRUE(receiver_.requests().empty());

  // Both are about the files as they are now, and nothing is switched.
  const std::string before = get("config").body;
  configure("total >");
  const Reply checked = post("check", "{}");
  EXPECT_EQ(checked.status, 200);
  EXPECT_EQ(checked.body, installation_.cli({"check", "--json"}).out);
  EXPECT_NE(checked.body.find("OB003"), std::string::npos);
  const Reply refused = post("test", body);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(error_code(refused), "OB001");
  EXPECT_NE(refused.body.find("\"OB003 "), std::string::npos) << refused.body;
  EXPECT_EQ(get("config").body, before);
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();
}

TEST_F(AdminConfiguredTest, TheLogIsFollowedFromEventToEvent) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  run_sql(installation_.database(),
          "INSERT INTO observer.observer_events (id, event_type, entity_type, entity_id, data, "
          "kind, type, entity_key, status, created_at) SELECT gen_random_uuid(), 'INSERT', "
          "'Order', gen_random_uuid(), '{}', 'insert', 'Order.insert', n::text, 'processed', "
          "now() - n * interval '1 minute' FROM generate_series(1, 5) n");
  const auto keys = [](const json::Value& events) {
    std::string text;
    for (const json::Value& event : events.items()) text += event.string_or("entity_key");
    return text;
  };
  std::string seen, target = "events/tail?from=270s&limit=3";
  for (int page = 0; page < 3; ++page) {
    const Reply reply = get(target);
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto events = json::parse(reply.body, Code::Storage);
    ASSERT_TRUE(events.ok()) << reply.body;
    seen += keys(*events) + ' ';
    if (!events->items().empty()) {
      target = "events/tail?entity=Order&limit=3&after=" + events->items().back().string_or("id");
    }
  }
  EXPECT_EQ(seen, "432 1  ");
}

}  // namespace
}  // namespace observerd::testing
