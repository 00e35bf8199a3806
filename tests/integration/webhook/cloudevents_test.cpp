#include "base/json.hpp"
#include "fixture.hpp"

/// CloudEvents 1.0 over HTTP, both modes. receivers_test.cpp shows the same to the public library.
namespace observerd::testing {
namespace {

constexpr char kTraceParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kBinary[] = R"(, "format": "cloudevents-binary")";
constexpr char kStructured[] = R"(, "format": "cloudevents")";

HttpRequest send(const std::string& more, const Delivery& delivery = {}) {
  HttpServer server;
  Webhook webhook;
  const auto result = webhook.deliver(action(server.url(), more), delivery);
  EXPECT_EQ(summary(result), "delivered") << result.message;
  EXPECT_EQ(server.violations(), std::vector<std::string>());
  return server.request(0);
}

std::string event_of(const std::string& entity, const std::string& id, const std::string& type) {
  return R"({"event_id":"e1","kind":"update","entity":)" + json::quote(entity) + R"(,"id":)" +
         json::quote(id) + R"(,"type":)" + json::quote(type) +
         R"(,"time":"2026-01-31T12:00:00.123456Z","new":{"n":1.00}})";
}

TEST(WebhookCloudEvents, BinaryModePutsTheAttributesIntoHeaders) {
  const auto request = send(kBinary, {.trace_parent = kTraceParent, .order = 1234});
  EXPECT_EQ(request.header("ce-specversion"), "1.0");
  EXPECT_EQ(request.header("ce-id"), Delivery().id);
  EXPECT_EQ(request.header("ce-source"), "/observerd/Order");
  EXPECT_EQ(request.header("ce-type"), "Order.insert");
  EXPECT_EQ(request.header("ce-subject"), "42");
  EXPECT_EQ(request.header("ce-time"), "2026-01-31T12:00:00.123456Z");
  EXPECT_EQ(request.header("ce-sequence"), "00000000000000001234");
  EXPECT_EQ(request.header("ce-traceparent"), kTraceParent);
  EXPECT_EQ(request.header("traceparent"), kTraceParent);
  EXPECT_EQ(request.header("Content-Type"), "application/json");
  EXPECT_EQ(request.count_header("ce-datacontenttype"), 0U);
  EXPECT_EQ(request.body, Delivery().event);
}

TEST(WebhookCloudEvents, StructuredModeWrapsTheBodyToTheByte) {
  const auto request = send(kStructured, {.trace_parent = kTraceParent, .order = 1234});
  EXPECT_EQ(request.header("Content-Type"), "application/cloudevents+json; charset=utf-8");
  EXPECT_EQ(request.count_header("ce-id"), 0U);
  EXPECT_EQ(request.body, R"({"specversion":"1.0","id":")" + Delivery().id +
                              R"(","source":"/observerd/Order","type":"Order.insert",)"
                              R"("subject":"42","time":"2026-01-31T12:00:00.123456Z",)"
                              R"("sequence":"00000000000000001234","traceparent":")" +
                              kTraceParent + R"(","datacontenttype":"application/json","data":)" +
                              Delivery().event + "}");
}

// The example of the HTTP binding, section 3.1.3.2.
TEST(WebhookCloudEvents, HeaderValuesArePercentEncoded) {
  const auto request = send(kBinary, {.event = event_of("Order", "Euro € 😀", R"(a"b%c)")});
  EXPECT_EQ(request.header("ce-subject"), "Euro%20%E2%82%AC%20%F0%9F%98%80");
  EXPECT_EQ(request.header("ce-type"), "a%22b%25c");
}

TEST(WebhookCloudEvents, SourceAndTypeCanBeNamed) {
  const std::string more =
      R"(, "cloudevent_source": "https://shop.example/{{ tenant }}", "cloudevent_type": "com.shop.{{ kind }}")";
  const char* const rendered =
      R"({"cloudevent_source": "https://shop.example/a", "cloudevent_type": "com.shop.insert"})";
  auto request = send(kBinary + more, {.settings = rendered});
  EXPECT_EQ(request.header("ce-source"), "https://shop.example/a");
  EXPECT_EQ(request.header("ce-type"), "com.shop.insert");
  request = send(kStructured + more, {.settings = rendered});
  const auto event = json::parse(request.body, Code::BadEvent);
  EXPECT_EQ(event->string_or("source"), "https://shop.example/a");
  EXPECT_EQ(event->string_or("type"), "com.shop.insert");
}

TEST(WebhookCloudEvents, TheDefaultSourceIsALegalReference) {
  const auto request = send(kBinary, {.event = event_of("Bestellung für/alles?", "1", "x")});
  EXPECT_EQ(request.header("ce-source"), "/observerd/Bestellung%2520f%25C3%25BCr%252Falles%253F")
      << "encoded for the path, and that once more for the header";
}

TEST(WebhookCloudEvents, DataFollowsTheContentType) {
  struct Case {
    const char* more;
    const char* content_type;
    const char* data;  // of the structured form; nullptr: none
  };
  const Case cases[] = {
      {R"(, "body": {"n": 1.00})", "application/json", R"({"n":1.00})"},
      {R"(, "body": "{\"a\":  [1]}")", "application/json", R"({"a":  [1]})"},
      {R"(, "body": "[1]", "content_type": "application/vnd.x+json; v=1")",
       "application/vnd.x+json; v=1", "[1]"},
      {R"(, "body": "a \"b\"\n", "content_type": "text/plain")", "text/plain", R"("a \"b\"\n")"},
      {R"(, "body": "<a/>", "content_type": "application/xml")", "application/xml", R"("<a/>")"},
      {R"(, "body": "")", "application/json", nullptr},
  };
  for (const auto& c : cases) {
    const auto structured = send(std::string(kStructured) + c.more).body;
    const std::string tail = std::string(R"("datacontenttype":)") + json::quote(c.content_type) +
                             (c.data == nullptr ? "}" : std::string(",\"data\":") + c.data + "}");
    EXPECT_TRUE(structured.ends_with(tail)) << structured;
    EXPECT_TRUE(json::parse(structured, Code::BadEvent)) << structured;
    const auto binary = send(std::string(kBinary) + c.more);
    EXPECT_EQ(binary.header("Content-Type"), c.content_type);
  }
}

TEST(WebhookCloudEvents, WhatIsNoCloudEventIsRejected) {
  HttpServer server;
  Webhook webhook;
  const auto refused = [&](const std::string& more, const Delivery& delivery) {
    return summary(webhook.deliver(action(server.url(), more), delivery));
  };
  const std::string body = R"(, "body": "{{ text }}")";
  EXPECT_EQ(refused(kStructured + body, {.settings = R"({"body": "not JSON"})"}),
            "rejected bad_cloudevent");
  EXPECT_EQ(refused(kStructured + body, {.settings = R"({"body": "{} {}"})"}),
            "rejected bad_cloudevent");
  const std::string type = R"(, "cloudevent_type": "{{ t }}")";
  for (const char* mode : {kBinary, kStructured}) {
    for (const char* value : {"a\\nb", "\\u0085", "\\u0000"}) {
      EXPECT_EQ(refused(mode + type,
                        {.settings = std::string(R"({"cloudevent_type": ")") + value + "\"}"}),
                "rejected bad_cloudevent")
          << value;
    }
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(WebhookCloudEvents, AKeyThatNoAttributeCanHoldIsLeftOut) {
  const auto request = send(kBinary, {.event = event_of("Order", "a\nb", "x")});
  EXPECT_EQ(request.count_header("ce-subject"), 0U);
  EXPECT_EQ(request.header("ce-type"), "x");
}

}  // namespace
}  // namespace observerd::testing
