#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/json.hpp"
#include "support/daemon.hpp"
#include "support/eventually.hpp"
#include "support/http_server.hpp"
#include "support/postgres.hpp"
#include "support/redis_server.hpp"
#include "support/smtp_server.hpp"

namespace observerd::testing {
namespace {

using ::testing::HasSubstr;

/// A server in the place of each destination.
struct Destinations {
  HttpServer webhook, slack, sms, push, search;
  SmtpServer mail;
  RedisServer redis;

  Destinations() {
    slack.always(HttpReply(200, "ok"));
    sms.always(HttpReply(201, R"({"sid": "SM1", "status": "queued"})"));
    push.always(HttpReply(200, R"({"id": "m1", "event": "message"})"));
    search.handle([](const HttpRequest& request) {
      return HttpReply(200,
                       request.method == "GET"
                           ? R"({"version": {"number": "2.19.1", "distribution": "opensearch"}})"
                           : R"({"errors": false, "items": [{"index": {"status": 201}}]})");
    });
    redis.ask({"SET", "order:7", "stale"});
  }

  std::string modules() const {
    const std::string local = R"("allow_addresses": ["127.0.0.0/8"])";
    const std::string http = R"("allow_http": true, )" + local;
    return R"({"slack": {)" + http + R"(},
      "sms": {"provider": "twilio", "account_sid": "AC0123456789abcdef0123456789abcdef",
              "api_secret": "token", "from": "+15005550006", "base_url": )" +
           json::quote(sms.url()) + ", " + http + R"(},
      "push": {"provider": "ntfy", "base_url": )" +
           json::quote(push.url()) + ", " + http + R"(},
      "search": {"flavour": "opensearch", "url": )" +
           json::quote(search.url()) + ", " + http + R"(},
      "email": {"host": "127.0.0.1", "port": )" +
           std::to_string(mail.port()) + R"(, "security": "none", "from": "shop@example.com", )" +
           local + R"(},
      "cache": {"servers": [)" +
           json::quote(redis.address()) + "], " + local + "}}";
  }

  std::string actions() const {
    return R"([
      {"type": "webhook", "url": )" +
           json::quote(webhook.url("/hook")) + R"(},
      {"type": "slack", "webhook_url": )" +
           json::quote(slack.url("/services/T1/B1/x")) + R"(, "message": "Order {{ id }} is paid"},
      {"type": "email", "to": "{{ customer }}", "subject": "Order {{ id }}", "text": "Thank you."},
      {"type": "sms", "to": "{{ phone }}", "message": "Order {{ id }} is paid"},
      {"type": "push", "topic": "orders", "title": "Order {{ id }}", "body": "is paid"},
      {"type": "search", "index": "orders"},
      {"type": "cache", "operation": "invalidate", "keys": ["order:{{ id }}"]}])";
  }
};

class Actions : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!RedisServer::is_there()) GTEST_SKIP() << "redis-server is not installed";
  }
  Actions() : installation_(fresh_database()) {
    run_sql(installation_.database(),
            "CREATE TABLE orders (id int PRIMARY KEY, paid bool, customer text, phone text)");
    run_sql(installation_.database(),
            "INSERT INTO orders VALUES (7, false, 'ann@example.com', '+14155550100')");
    installation_.capture("orders", "Order");
    installation_.configure(R"({"plugins": {"settings": )" + to_.modules() + R"(},
      "observers": [{"name": "paid", "entity": "Order", "events": ["update"],
                     "when": "changed(paid) and paid", "actions": )" +
                            to_.actions() + "}]}");
  }

  Destinations to_;
  Installation installation_;
};

TEST_F(Actions, OneChangeOfARowReachesEveryType) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  run_sql(installation_.database(), "UPDATE orders SET paid = true");
  ASSERT_TRUE(eventually([&] {
    return scalar(installation_.database(), "SELECT status FROM observer.observer_events") ==
           "processed";
  })) << daemon.log();
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();

  EXPECT_THAT(to_.webhook.request(0).body, HasSubstr(R"("paid":true)"));
  EXPECT_THAT(to_.slack.request(0).body, HasSubstr("Order 7 is paid"));
  EXPECT_THAT(to_.sms.request(0).body, HasSubstr("To=%2B14155550100"));
  EXPECT_THAT(to_.push.request(0).body, HasSubstr("Order 7"));
  EXPECT_THAT(to_.search.request(0).body, HasSubstr(R"("customer":"ann@example.com")"));
  EXPECT_EQ(to_.redis.ask({"EXISTS", "order:7"}), "0");
  ASSERT_EQ(to_.mail.messages().size(), 1U);
  EXPECT_THAT(to_.mail.messages()[0], HasSubstr("Subject: Order 7\r\n"));
  for (const HttpServer* server : {&to_.webhook, &to_.slack, &to_.sms, &to_.push, &to_.search}) {
    EXPECT_EQ(server->requests().size(), 1U);
  }
}

TEST_F(Actions, TheHostListsTheSevenTypes) {
  const std::string list = installation_.must({"plugins", "list"});
  for (const char* type : {"webhook", "slack", "email", "sms", "push", "search", "cache"}) {
    EXPECT_THAT(list, HasSubstr(type));
  }
}

TEST_F(Actions, CheckAcceptsThemAndReachesTheirServers) {
  EXPECT_EQ(installation_.cli({"check", "--online"}).exit, 0)
      << installation_.cli({"check", "--online"}).err;
}

}  // namespace
}  // namespace observerd::testing
