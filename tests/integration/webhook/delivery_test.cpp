#include <atomic>
#include <set>

#include "fixture.hpp"

/// What is sent, and how connections are used.
namespace observerd::testing {
namespace {

constexpr char kEvent[] = R"({"b": 1.00, "a": "ü"})";

TEST(Webhook, SendsTheEventAsItIsByDefault) {
  HttpServer server;
  Webhook webhook;
  const auto result = webhook.deliver(action(server.url("/hooks?a=1")), {.event = kEvent});
  EXPECT_EQ(summary(result), "delivered") << result.message;
  const auto request = server.request(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/hooks?a=1");
  EXPECT_EQ(request.body, kEvent);
  EXPECT_EQ(request.header("Content-Type"), "application/json");
  EXPECT_EQ(request.header("Content-Length"), std::to_string(sizeof kEvent - 1));
  EXPECT_EQ(request.header("Idempotency-Key"), "\"" + Delivery().id + "\"");
  EXPECT_EQ(request.header("Accept-Encoding"), "identity");
  EXPECT_TRUE(request.header("User-Agent").starts_with("observerd/"));
  for (const char* absent : {"traceparent", "webhook-id", "Expect", "Cookie", "Authorization"}) {
    EXPECT_EQ(request.count_header(absent), 0U) << absent;
  }
  EXPECT_EQ(server.violations(), std::vector<std::string>());
}

TEST(Webhook, SendsTheConfiguredMethodAndBody) {
  struct Case {
    const char* more;
    const char* rendered;
    const char* method;
    const char* body;
    const char* content_type;
  };
  const Case cases[] = {
      {R"(, "method": "PUT", "body": {"n": 1.00, "s": "x"})", "{}", "PUT", R"({"n":1.00,"s":"x"})",
       "application/json"},
      {R"(, "method": "PATCH", "body": ["{{ a }}"])", R"({"body": [12345678901234567890]})",
       "PATCH", "[12345678901234567890]", "application/json"},
      {R"(, "body": "total={{ total }}", "content_type": "application/x-www-form-urlencoded")",
       R"({"body": "total=100.00"})", "POST", "total=100.00", "application/x-www-form-urlencoded"},
      {R"(, "body": "plain\ntext", "headers": {"content-type": "text/plain; charset=utf-8"})", "{}",
       "POST", "plain\ntext", "text/plain; charset=utf-8"},
      {R"(, "body": "")", "{}", "POST", "", "application/json"},
      {R"(, "method": "DELETE")", "{}", "DELETE", kEvent, "application/json"},
      {R"(, "method": "GET")", "{}", "GET", "", ""},
  };
  HttpServer server;
  Webhook webhook;
  std::size_t index = 0;
  for (const auto& c : cases) {
    const auto result =
        webhook.deliver(action(server.url(), c.more), {.event = kEvent, .settings = c.rendered});
    EXPECT_EQ(summary(result), "delivered") << c.more << result.message;
    const auto request = server.request(index++);
    EXPECT_EQ(request.method, c.method);
    EXPECT_EQ(request.body, c.body) << c.more;
    EXPECT_EQ(request.header("Content-Type"), c.content_type) << c.more;
    EXPECT_EQ(request.count_header("Content-Length"), c.method == std::string("GET") ? 0U : 1U);
  }
  EXPECT_EQ(server.violations(), std::vector<std::string>());
}

TEST(Webhook, SendsCustomHeadersConstantAndRendered) {
  HttpServer server;
  Webhook webhook;
  const auto result = webhook.deliver(
      action(server.url(), R"(, "headers": {"X-Tenant": "{{ tenant }}", "Authorization": "Bearer t",
                              "User-Agent": "mine/2", "X-Empty": ""})"),
      {.settings = R"({"headers": {"X-Tenant": "größe"}})",
       .trace_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"});
  EXPECT_EQ(summary(result), "delivered") << result.message;
  const auto request = server.request(0);
  EXPECT_EQ(request.header("X-Tenant"), "größe");
  EXPECT_EQ(request.header("Authorization"), "Bearer t");
  EXPECT_EQ(request.header("User-Agent"), "mine/2");
  EXPECT_EQ(request.count_header("User-Agent"), 1U);
  EXPECT_EQ(request.count_header("X-Empty"), 1U);
  EXPECT_EQ(request.header("traceparent"),
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_EQ(server.violations(), std::vector<std::string>());
}

TEST(Webhook, GoesWhereTheRenderedUrlSays) {
  HttpServer server;
  Webhook webhook;
  const std::string templated = action(server.url("/{{ region }}"));
  const auto result = webhook.deliver(
      templated, {.settings = R"({"url": )" + ("\"" + server.url("/eu%20west") + "\"") + "}"});
  EXPECT_EQ(summary(result), "delivered") << result.message;
  EXPECT_EQ(server.request(0).target, "/eu%20west");
}

TEST(Webhook, NamesItsLaneByTheOriginUnlessThatIsATemplate) {
  Webhook webhook;
  const auto lane = [&](const char* url) { return webhook.bind(action(url))->lane_key(); };
  EXPECT_EQ(lane("https://API.example.com/a?b"), "https://api.example.com:443");
  EXPECT_EQ(lane("https://api.example.com/{{ x }}"), "https://api.example.com:443");
  EXPECT_EQ(lane("http://[2001:db8::1]:81/"), "http://[2001:db8::1]:81");
  EXPECT_EQ(lane("https://{{ host }}/a"), "webhook");
  EXPECT_EQ(lane("https://api.example.com{{ x }}/a"), "webhook");
  EXPECT_EQ(lane("{{ url }}"), "webhook");
}

TEST(Webhook, ReusesItsConnection) {
  HttpServer server;
  Webhook webhook;
  for (int i = 0; i < 20; ++i) webhook.deliver(action(server.url()));
  EXPECT_EQ(server.requests().size(), 20U);
  EXPECT_EQ(server.connections(), 1);
  const auto& services = webhook.services();
  EXPECT_EQ(services.metric_sum("connections_total{use=new}"), 1);
  EXPECT_EQ(services.metric_sum("connections_total{use=kept}"), 19);
  EXPECT_EQ(services.metric_count("connect_seconds"), 1U);
}

TEST(Webhook, KeepsToTheLimitOfConnectionsAndDeliversEachOnce) {
  HttpServer server;
  Webhook webhook(local_settings(R"(, "max_connections": 3)"));
  std::vector<Delivery> deliveries(300);
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    deliveries[i].event = std::to_string(i);
    deliveries[i].id = "id-" + std::to_string(i);
  }
  for (const auto& result : webhook.deliver_all(action(server.url()), deliveries)) {
    EXPECT_EQ(summary(result), "delivered") << result.message;
  }
  EXPECT_LE(server.connections(), 3);
  std::set<std::string> seen;
  for (const auto& request : server.requests()) {
    EXPECT_EQ(request.header("Idempotency-Key"), "\"id-" + request.body + "\"");
    EXPECT_TRUE(seen.insert(request.body).second) << request.body << " came twice";
  }
  EXPECT_EQ(seen.size(), deliveries.size());
}

TEST(Webhook, OneSlowReceiverDoesNotDelayAnother) {
  HttpServer slow;
  HttpServer quick;
  slow.always(HttpReply::hang());
  Webhook webhook(local_settings(R"(, "max_connections": 2, "timeout": "5s")"));
  const auto slow_action = webhook.bind(action(slow.url()));
  std::vector<plugin::Item> items(64);
  for (auto& item : items) {
    item.action = slow_action.get();
    item.event_json = item.settings_json = std::make_shared<const std::string>("{}");
    item.delivery_id = "slow";
  }
  std::atomic<int> reported{0};
  const auto call =
      webhook.module().deliver(items, std::chrono::steady_clock::now() + std::chrono::seconds(30),
                               [&](std::uint32_t, plugin::ItemResult) { ++reported; });
  ASSERT_TRUE(slow.wait_for(2));
  EXPECT_EQ(summary(webhook.deliver(action(quick.url()))), "delivered");
  EXPECT_EQ(reported, 0);
  webhook.module().stop();
  EXPECT_EQ(reported, 64);
}

// The request in the form of a preview.
std::string as_preview(const HttpServer& server, const HttpRequest& request) {
  std::string text = request.method + " " + server.url(request.target) + "\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
  return text + "\n" + request.body;
}

TEST(Webhook, PreviewIsTheRequestToTheLetter) {
  const char* const cases[] = {
      "",
      R"(, "headers": {"X-A": "b", "X-Empty": "", "Accept": "text/plain"}, "body": {"a": 1})",
      R"(, "method": "GET")",
      R"(, "method": "PUT", "body": "", "headers": {"User-Agent": "mine/1"})",
      R"(, "format": "cloudevents")",
      R"(, "format": "cloudevents-binary", "content_type": "text/plain", "body": "ü")",
  };
  HttpServer server;
  Webhook webhook;
  const Delivery delivery{.trace_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          .order = 77};
  std::size_t index = 0;
  for (const char* more : cases) {
    const std::string settings = action(server.url("/p?q=1"), more);
    const std::string preview = webhook.preview(settings, delivery);
    EXPECT_EQ(server.requests().size(), index) << "a preview sends nothing";
    EXPECT_EQ(summary(webhook.deliver(settings, delivery)), "delivered");
    EXPECT_EQ(preview, as_preview(server, server.request(index++)));
  }
}

TEST(Webhook, PreviewSaysWhyNothingWouldBeSent) {
  Webhook webhook;
  const std::string preview =
      webhook.preview(action("{{ url }}"), {.settings = R"({"url": "ftp://x"})"});
  EXPECT_EQ(preview, "bad_url: the scheme of the URL must be https or http");
}

TEST(Webhook, CountsRequestsByAnswerAndTheirBytes) {
  HttpServer server;
  Webhook webhook;
  server.script({HttpReply(204), HttpReply(200, "fine"), HttpReply(302), HttpReply(404, "no"),
                 HttpReply(503), HttpReply::truncated()});
  for (int i = 0; i < 6; ++i) webhook.deliver(action(server.url()), {.event = "12345"});
  webhook.deliver(action("http://127.0.0.1:1/"));
  const auto& services = webhook.services();
  const std::pair<const char*, double> expected[] = {
      {"requests_total{answer=2xx}", 2},  {"requests_total{answer=3xx}", 1},
      {"requests_total{answer=4xx}", 1},  {"requests_total{answer=5xx}", 1},
      {"requests_total{answer=none}", 2}, {"received_bytes_total", 9}};
  for (const auto& [name, sum] : expected) EXPECT_EQ(services.metric_sum(name), sum) << name;
  EXPECT_EQ(services.metric_sum("sent_bytes_total"), 30);
}

TEST(Webhook, SaysWhoItIsUnlessToldOtherwise) {
  HttpServer server;
  Webhook webhook(local_settings(R"(, "user_agent": "shop/3 +https://shop.example")"));
  webhook.deliver(action(server.url()));
  webhook.deliver(action(server.url(), R"(, "headers": {"user-agent": "mine/2"})"));
  EXPECT_EQ(server.request(0).header("User-Agent"), "shop/3 +https://shop.example");
  EXPECT_EQ(server.request(1).header("User-Agent"), "mine/2");
}

TEST(Webhook, ProbeConnectsAndSendsNothing) {
  HttpServer server;
  Webhook webhook;
  bool is_supported = false;
  const auto good = webhook.bind(action(server.url()));
  EXPECT_TRUE(webhook.module().probe(*good, is_supported).ok());
  EXPECT_TRUE(is_supported);
  EXPECT_EQ(server.requests().size(), 0U);
  const auto closed = webhook.bind(action("http://127.0.0.1:1/"));
  const Status status = webhook.module().probe(*closed, is_supported);
  EXPECT_NE(status.to_string().find("connection_refused"), std::string::npos) << status.to_string();
}

}  // namespace
}  // namespace observerd::testing
