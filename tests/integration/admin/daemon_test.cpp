#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/json.hpp"
#include "integration/admin/client.hpp"
#include "support/daemon.hpp"
#include "support/exposition.hpp"
#include "support/http_server.hpp"
#include "support/postgres.hpp"

/// A whole observerd, seen through its admin socket.
namespace observerd::testing {
namespace {

using std::chrono::milliseconds;

constexpr const char* kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class AdminDaemonTest : public ::testing::Test {
 protected:
  AdminDaemonTest() : installation_(fresh_database()) {
    run_sql(installation_.database(), "CREATE TABLE orders (id int PRIMARY KEY, total int)");
    installation_.capture("orders", "Order");
    address_ = "unix:" + (installation_.directory() / "admin.sock").string();
    installation_.configure(R"({"admin": {"listen": ")" + address_ + R"("},
      "log": {"level": "debug", "format": "json"},
      "observers": [{"name": "all-orders", "entity": "Order", "events": ["insert"],
        "actions": [{"type": "webhook", "url": ")" +
                            receiver_.url("/hook-s3cr3t-path") + R"("}]}]})");
  }

  /// Scrapes until `series` has the value.
  Scrape scrape_until(const std::string& series, double value) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    for (;;) {
      Scrape scrape = read_exposition(ask(address_, "GET", "/metrics").body);
      if (scrape.value(series) == value || std::chrono::steady_clock::now() > end) return scrape;
      std::this_thread::sleep_for(milliseconds(50));
    }
  }

  HttpServer receiver_;
  Installation installation_;
  std::string address_;
};

TEST_F(AdminDaemonTest, ShowsWhatItDoesAsItIs) {
  receiver_.always(HttpReply(200).after(milliseconds(200)));
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  run_sql(installation_.database(), std::string("SET observer.traceparent = '") + kTrace +
                                        "'; INSERT INTO orders VALUES (1, 10)");
  run_sql(installation_.database(),
          "SET observer.traceparent = 'nonsense'; INSERT INTO orders VALUES (2, 10)");
  const Scrape scrape = scrape_until("observerd_events_settled_total", 2);
  EXPECT_EQ(scrape.problems, std::vector<std::string>{});
  EXPECT_EQ(scrape.value("observerd_events_read_total"), 2) << daemon.log();
  EXPECT_EQ(scrape.value("observerd_events_matched_total"), 2) << daemon.log();
  EXPECT_EQ(scrape.value("observerd_events_settled_total"), 2);
  EXPECT_EQ(scrape.value(R"(observerd_deliveries_total{outcome="delivered",type="webhook"})"), 2);
  const std::string attempts = "observerd_attempt_duration_seconds_";
  EXPECT_EQ(scrape.value(attempts + R"(bucket{type="webhook",le="0.1"})"), 0);
  EXPECT_EQ(scrape.value(attempts + R"(bucket{type="webhook",le="0.5"})"), 2);
  EXPECT_GE(scrape.value(attempts + R"(sum{type="webhook"})"), 0.4);
  EXPECT_GE(scrape.value("observerd_commit_to_settled_seconds_sum"), 0.4);
  EXPECT_EQ(scrape.value("observerd_ready"), 1);
  EXPECT_EQ(scrape.value("observerd_database_up"), 1);
  EXPECT_EQ(scrape.value("observerd_shards_owned"), 4);
  EXPECT_EQ(scrape.value(R"(observerd_plugin_state{type="webhook",state="loaded"})"), 1);
  EXPECT_EQ(ask(address_, "GET", "/readyz").status, 200);
  // The trace goes on as it came; what is none is left out.
  ASSERT_TRUE(receiver_.wait_for(2));
  std::string traces;
  for (const HttpRequest& request : receiver_.requests()) traces += request.header("traceparent");
  EXPECT_EQ(traces, kTrace);
  EXPECT_EQ(daemon.stop(), 0) << daemon.log();
  EXPECT_THROW(RawClient client(address_), std::runtime_error);
}

TEST_F(AdminDaemonTest, ADeadLetterIsSentAgainThroughTheApi) {
  receiver_.always(HttpReply(404));
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  run_sql(installation_.database(), std::string("SET observer.traceparent = '") + kTrace +
                                        "'; INSERT INTO orders VALUES (1, 10)");
  const Scrape scrape =
      scrape_until(R"(observerd_dead_letters_filed_total{observer="all-orders"})", 1);
  EXPECT_NE(daemon.log().find("\"trace_id\":\"" + std::string(kTrace).substr(3, 32)),
            std::string::npos)
      << daemon.log();
  EXPECT_EQ(scrape.value(R"(observerd_deliveries_total{outcome="rejected",type="webhook"})"), 1)
      << daemon.log();
  scrape_until(R"(observerd_dead_letters{status="pending"})", 1);
  const Reply letters = ask(address_, "GET", "/api/v1/dlq");
  EXPECT_EQ(letters.body, installation_.must({"dlq", "list", "--json"}));
  const auto list = json::parse(letters.body, Code::Storage);
  ASSERT_TRUE(list.ok()) << letters.body;
  ASSERT_EQ(list->items().size(), 1u);

  receiver_.always(HttpReply(200));
  const Reply retried =
      ask(address_, "POST", "/api/v1/dlq/retry", "Content-Type: application/json\r\n",
          R"({"ids":[")" + list->items()[0].string_or("id") + "\"]}");
  EXPECT_EQ(retried.status, 200) << retried.body;
  EXPECT_TRUE(receiver_.wait_for(2)) << daemon.log();
  EXPECT_EQ(scrape_until(R"(observerd_dead_letters{status="success"})", 1)
                .value(R"(observerd_dead_letters{status="success"})"),
            1);
  EXPECT_EQ(daemon.log().find("s3cr3t"), std::string::npos) << daemon.log();
}

TEST_F(AdminDaemonTest, IsNotReadyWhileNobodyReadsAShard) {
  Daemon daemon(installation_);
  daemon.wait_until_ready();
  // Whoever has the locks reads: end its sessions and forbid new ones.
  const std::string name = scalar(installation_.database(), "SELECT current_database()");
  const std::string server = shared_server().url("postgres");
  run_sql(server, "ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
  run_sql(server,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
  Reply reply;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  do {
    reply = ask(address_, "GET", "/readyz");
  } while (reply.status == 200 && std::chrono::steady_clock::now() < end);
  EXPECT_EQ(reply.status, 503);
  EXPECT_NE(reply.body.find("OB018"), std::string::npos) << reply.body;
  EXPECT_EQ(ask(address_, "GET", "/healthz").status, 200);
  const Scrape scrape = read_exposition(ask(address_, "GET", "/metrics").body);
  EXPECT_EQ(scrape.value("observerd_ready"), 0);
  EXPECT_EQ(scrape.value("observerd_database_up"), 0);
  EXPECT_EQ(ask(address_, "GET", "/api/v1/status").status, 503);
  run_sql(server, "ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
  EXPECT_EQ(scrape_until("observerd_ready", 1).value("observerd_ready"), 1) << daemon.log();
}

}  // namespace
}  // namespace observerd::testing
