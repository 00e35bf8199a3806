#include "fixture.hpp"
#include "keys.hpp"
#include "support/node_receiver.hpp"
#include "support/tls_server.hpp"

/// APNs against node's HTTP/2 enforcing Apple's rules (tests/receivers/apns.mjs).
namespace observerd::testing {
namespace {

/// A device token that begins so.
std::string device(const std::string& fate) {
  return fate + std::string(64 - fate.size(), 'a');
}

class PushApns : public PushTest {
 protected:
  void SetUp() override {
    if (!NodeReceiver::missing().empty()) GTEST_SKIP() << NodeReceiver::missing() << ": no APNs";
    authority_.emplace();
    authority_->issue("apple", "IP:127.0.0.1");
    apple_.emplace("apns.mjs",
                   std::vector{authority_->certificate("apple"), authority_->key("apple"),
                               folder_.write("key.pem", kEcPublicKey)});
    open_apns();
  }
  void open_apns(const std::string& more = "") {
    open_with(R"({"allow_addresses": ["127.0.0.0/8"], "ca_file": )" +
              json::quote(authority_->ca_file()) + apns_settings(apple_->url("", "https")) + more +
              "}");
  }
  json::Value last() const {
    const auto lines = apple_->lines();
    return lines.empty() ? json::Value::object() : lines.back();
  }
  std::string header(const std::string& name) const {
    const json::Value line = last();
    const json::Value* headers = line.find("headers");
    return headers == nullptr ? "" : headers->string_or(name);
  }
  std::string body() const {
    const json::Value line = last();
    const json::Value* body = line.find("body");
    return body == nullptr ? "" : json::write(*body);
  }
  plugin::ItemResult to(const std::string& fate, const std::string& more = "") {
    return send(R"("title": "t", "token": ")" + device(fate) + "\"" + more);
  }

  TestFolder folder_;
  std::optional<TestAuthority> authority_;
  std::optional<NodeReceiver> apple_;
};

TEST_F(PushApns, ANotificationIsWhatAppleDemands) {
  const auto result =
      send(R"("token": ")" + device("ff") +
               R"(", "title": "Order 7", "body": "größer > 6",)"
               R"( "image": "https://example.com/7.png", "collapse_key": "order-7",)"
               R"( "priority": "high", "ttl": "1h", "data": {"id": 7, "more": {"a": [1]}},)"
               R"( "options": {"badge": 3, "alert": {"subtitle": "s"}})",
           {.created_ns = 1'900'000'000'000'000'000});
  EXPECT_EQ(summary(result), "delivered") << result.message;
  EXPECT_EQ(result.remote_id, Delivery().id);
  EXPECT_EQ(header("apns-id"), Delivery().id) << "the same with each attempt";
  EXPECT_EQ(header("apns-topic"), "com.example.app");
  EXPECT_EQ(header("apns-push-type"), "alert");
  EXPECT_EQ(header("apns-priority"), "10");
  EXPECT_EQ(header("apns-expiration"), "1900003600");
  EXPECT_EQ(header("apns-collapse-id"), "order-7");
  EXPECT_EQ(body(), R"({"aps":{"alert":{"title":"Order 7","body":"größer > 6","subtitle":"s"},)"
                    R"("mutable-content":1,"badge":3},"id":7,"more":{"a":[1]},)"
                    R"("image":"https://example.com/7.png"})");
}

TEST_F(PushApns, DataAloneGoesInTheBackground) {
  EXPECT_EQ(summary(send(R"("token": ")" + device("ff") +
                         R"(", "data": {"a": 1}, "ttl": "0s", "topic": "com.example.app.other")")),
            "delivered");
  EXPECT_EQ(header("apns-push-type"), "background");
  EXPECT_EQ(header("apns-priority"), "5");
  EXPECT_EQ(header("apns-expiration"), "0");
  EXPECT_EQ(header("apns-topic"), "com.example.app.other");
  EXPECT_EQ(header("apns-collapse-id"), "");
  EXPECT_EQ(body(), R"({"aps":{"content-available":1},"a":1})");
}

TEST_F(PushApns, ManyShareOneConnectionAndOneToken) {
  const std::vector<Delivery> many(200);
  for (const auto& result :
       push().deliver_all(R"({"title": "t", "token": ")" + device("ff") + R"("})", many)) {
    EXPECT_EQ(summary(result), "delivered") << result.message;
  }
  const auto lines = apple_->lines();
  ASSERT_EQ(lines.size(), 200u);
  for (const json::Value& line : lines) {
    EXPECT_EQ(line.find("connection")->text(), "1");
    EXPECT_EQ(line.find("headers")->string_or("authorization"),
              lines[0].find("headers")->string_or("authorization"));
  }
}

TEST_F(PushApns, EachReasonHasItsMeaning) {
  const std::pair<const char*, const char*> cases[] = {
      {"00", "rejected push_bad_token"},
      {"01", "rejected apns_DeviceTokenNotForTopic"},
      {"02", "retry apns_IdleTimeout"},
      {"10", "rejected push_unregistered"},
      {"11", "rejected push_unregistered"},
      {"20", "misconfigured apns_Forbidden"},
      {"50", "retry apns_InternalServerError"},
      {"53", "retry apns_ServiceUnavailable"},
      {"54", "retry apns_Shutdown"}};
  for (const auto& [fate, expected] : cases) EXPECT_EQ(summary(to(fate)), expected) << fate;
  EXPECT_NE(to("10").message.find("since 1700000000000 ms"), std::string::npos);
  const auto throttled = to("29");
  EXPECT_EQ(summary(throttled), "throttled apns_TooManyRequests");
  EXPECT_EQ(throttled.retry_after, std::chrono::seconds(60));
  EXPECT_EQ(summary(to("ff", R"(, "topic": "org.other")")), "misconfigured apns_BadTopic");
  EXPECT_EQ(summary(to("ff", R"(, "topic": "com.example.other")")),
            "misconfigured apns_TopicDisallowed");
  EXPECT_EQ(summary(push().deliver(
                R"({"title": "t", "topic": "{{ x }}", "token": ")" + device("ff") + R"("})",
                {.settings = R"({"topic": "org.other"})"})),
            "rejected apns_BadTopic")
      << "the event's fault: others go on";
  EXPECT_EQ(summary(to("ff", R"(, "push_type": "background")")), "rejected apns_InvalidPushType");
}

TEST_F(PushApns, WhatAppleWouldRefuseIsNotSent) {
  EXPECT_EQ(summary(to("ff", R"(, "body": ")" + std::string(4'100, 'x') + "\"")),
            "rejected push_too_large");
  EXPECT_EQ(
      summary(to("ff", R"(, "push_type": "voip", "topic": "com.example.app.voip", "body": ")" +
                           std::string(4'100, 'x') + "\"")),
      "delivered")
      << "5 KiB for voip";
  const auto rendered = [&](const std::string& settings) {
    return summary(
        push().deliver(R"({"title": "t", "token": "{{ t }}", "collapse_key": "{{ c }}"})",
                       {.settings = settings}));
  };
  EXPECT_EQ(rendered(R"({"token": ""})"), "rejected push_bad_token");
  EXPECT_EQ(rendered(R"({"token": "../../x"})"), "rejected push_bad_token");
  EXPECT_EQ(rendered(R"({"token": "ff", "collapse_key": ")" + std::string(65, 'x') + R"("})"),
            "rejected push_bad_collapse_key");
  EXPECT_EQ(rendered(R"({"token": "ff", "collapse_key": "a\r\nb"})"), "rejected bad_header");
  EXPECT_EQ(apple_->lines().size(), 1u);
}

TEST_F(PushApns, AWrongKeyIsMisconfigured) {
  const std::string other = run_program(
      {"openssl", "genpkey", "-quiet", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"});
  open_apns(R"(, "private_key": )" + json::quote(other));
  EXPECT_EQ(summary(to("ff")), "misconfigured apns_InvalidProviderToken");
  open_apns(R"(, "team_id": "OTHER67890")");
  EXPECT_EQ(summary(to("ff")), "misconfigured apns_InvalidProviderToken");
}

TEST_F(PushApns, AYoungTokenThatHasExpiredIsNotRenewed) {
  EXPECT_EQ(summary(to("ff")), "delivered");
  EXPECT_EQ(summary(to("e0")), "misconfigured apns_ExpiredProviderToken")
      << "Apple bears no other within 20 minutes: the clock must be wrong";
  EXPECT_EQ(apple_->lines().size(), 2u);
}

TEST_F(PushApns, AnswersThatDoNotComeAreRetried) {
  EXPECT_EQ(summary(to("c0")), "retry connection_reset") << "the stream is reset";
  for (const char* ending : {"c1", "c2"}) {  // in the middle of an answer, and before one
    const std::string result = summary(to(ending));
    EXPECT_TRUE(result == "retry connection_reset" || result == "retry truncated_answer") << result;
  }
  const std::string late =
      summary(send(R"("title": "t", "token": ")" + device("c3") + "\"", {}, Milliseconds(500)));
  EXPECT_TRUE(late == "retry timeout" || late == "retry connect_timeout") << late;
  EXPECT_EQ(summary(to("c4")), "retry http_500") << "an answer that is too long";
  const auto later = to("c5");
  EXPECT_EQ(summary(later), "throttled http_503") << "a body that is no JSON";
  EXPECT_EQ(later.retry_after, std::chrono::seconds(7));
  EXPECT_EQ(summary(to("ff")), "delivered");
}

TEST_F(PushApns, ARestartOfAppleCostsNothingButTime) {
  EXPECT_EQ(summary(to("ff")), "delivered");
  apple_->kill();
  EXPECT_TRUE(summary(to("ff")).starts_with("retry connection_re"));
  apple_->restart();
  EXPECT_EQ(summary(to("ff")), "delivered");
}

TEST_F(PushApns, AnotherCertificateIsNotTalkedTo) {
  const TestAuthority stranger;
  open_with(R"({"allow_addresses": ["127.0.0.0/8"], "ca_file": )" +
            json::quote(stranger.ca_file()) + apns_settings(apple_->url("", "https")) + "}");
  EXPECT_EQ(summary(to("ff")), "misconfigured certificate_invalid");
  EXPECT_NE(probe(R"("title": "t", "token": ")" + device("ff") + "\"").find("certificate"),
            std::string::npos);
  EXPECT_TRUE(apple_->lines().empty());
}

TEST_F(PushApns, ProbesAndPreviewsSendNothing) {
  EXPECT_EQ(probe(R"("title": "t", "token": ")" + device("ff") + "\""), "");
  const std::string text =
      push().preview(R"({"title": "t", "token": ")" + device("ff") + R"("})", {});
  EXPECT_NE(text.find("POST " + apple_->url("/3/device/", "https") + device("ff")),
            std::string::npos);
  EXPECT_NE(text.find("\nAuthorization: bearer ***\n"), std::string::npos) << text;
  EXPECT_NE(text.find(R"({"aps":{"alert":{"title":"t"}}})"), std::string::npos);
  EXPECT_TRUE(apple_->lines().empty());
}

TEST_F(PushApns, SettingsSayWhatIsWrong) {
  const auto opened = ::testing::PrintToString(ActionPlugin::open_problems(
      "push", R"({"provider": "apns", "private_key": "secret", "vapid_subject": "mailto:a@b"})"));
  for (const char* part : {"/team_id: APNs needs it", "/key_id: APNs needs it",
                           "/private_key: is no P-256 key", "/vapid_subject: is for"}) {
    EXPECT_NE(opened.find(part), std::string::npos) << opened;
  }
  EXPECT_EQ(opened.find("secret"), std::string::npos);
  const auto bound = [&](const std::string& members) {
    return ::testing::PrintToString(push().bind_problems("{" + members + "}"));
  };
  EXPECT_NE(bound(R"("title": "t")").find("/token: must say"), std::string::npos);
  EXPECT_NE(bound(R"("title": "t", "token": "xyz")").find("/token: is no device"),
            std::string::npos);
  const std::string token = R"(, "token": ")" + device("ff") + "\"";
  EXPECT_NE(bound(R"("data": {"aps": {}})" + token).find("/data/aps"), std::string::npos);
  EXPECT_NE(bound(R"("title": "t", "condition": "x")" + token).find("/condition"),
            std::string::npos);
  EXPECT_NE(bound(R"("data": {"a": 1}, "push_type": "background", "priority": "high")" + token)
                .find("/priority"),
            std::string::npos);
  EXPECT_NE(bound(R"("title": "t", "collapse_key": ")" + std::string(65, 'x') + "\"" + token)
                .find("/collapse_key"),
            std::string::npos);
}

}  // namespace
}  // namespace observerd::testing
