#include <set>

#include "fixture.hpp"
#include "keys.hpp"
#include "support/eventually.hpp"
#include "support/node_receiver.hpp"

/// FCM against a server that refuses what Google refuses (tests/receivers/fcm.mjs).
namespace observerd::testing {
namespace {

class PushFcm : public PushTest {
 protected:
  void SetUp() override {
    if (!NodeReceiver::missing().empty()) GTEST_SKIP() << NodeReceiver::missing() << ": no FCM";
  }
  void start(const std::vector<std::string>& environment = {}) {
    google_.emplace("fcm.mjs", std::vector{folder_.write("key.pem", kRsaPublicKey)}, environment);
    open(fcm_settings(google_->url()));
  }
  /// The lines of the requests to a path that ends so.
  std::vector<json::Value> requests(const std::string& path) const {
    std::vector<json::Value> found;
    for (json::Value& line : google_->lines()) {
      if (line.string_or("path").ends_with(path)) found.push_back(std::move(line));
    }
    return found;
  }
  std::string sent() const {
    const auto all = requests(":send");
    if (all.empty()) return "nothing";
    return json::write(*all.back().find("body")->find("message"));
  }
  std::string to(const std::string& token) {
    return summary(send(R"("title": "t", "token": )" + json::quote(token)));
  }

  TestFolder folder_;
  std::optional<NodeReceiver> google_;
};

TEST_F(PushFcm, AMessageIsWhatGoogleDemands) {
  start();
  const auto result = send(R"("token": "device-1", "title": "Order 7", "body": "größer > 6",)"
                           R"( "image": "https://example.com/7.png", "collapse_key": "order-7",)"
                           R"( "priority": "high", "ttl": "1h",)"
                           R"( "data": {"id": 7, "paid": true, "text": "x", "more": {"a": [1]},)"
                           R"( "none": null},)"
                           R"( "options": {"android": {"notification": {"channel_id": "orders"}},)"
                           R"( "webpush": {"fcm_options": {"link": "https://example.com/7"}}})",
                           {.created_ns = 1'900'000'000'000'000'000});
  EXPECT_EQ(summary(result), "delivered") << result.message;
  EXPECT_EQ(result.remote_id, "projects/test-project/messages/0:1");
  const json::Value message = parsed(sent());
  EXPECT_EQ(message.string_or("token"), "device-1");
  EXPECT_EQ(json::write(*message.find("notification")),
            R"({"title":"Order 7","body":"größer > 6","image":"https://example.com/7.png"})");
  EXPECT_EQ(json::write(*message.find("data")),
            R"({"id":"7","paid":"true","text":"x","more":"{\"a\":[1]}"})");
  const json::Value& android = *message.find("android");
  EXPECT_EQ(android.string_or("collapse_key"), "order-7");
  EXPECT_EQ(android.string_or("priority"), "HIGH");
  EXPECT_EQ(json::write(*android.find("notification")), R"({"channel_id":"orders"})");
  EXPECT_EQ(
      json::write(*message.find("apns")->find("headers")),
      R"({"apns-collapse-id":"order-7","apns-priority":"10","apns-expiration":"1900003600"})");
  EXPECT_EQ(message.find("webpush")->find("headers")->string_or("Urgency"), "high");
  EXPECT_EQ(message.find("webpush")->find("fcm_options")->string_or("link"),
            "https://example.com/7");
}

TEST_F(PushFcm, TopicsConditionsAndDataAloneAreSentToo) {
  start();
  EXPECT_EQ(summary(send(R"("topic": "orders", "title": "t", "ttl": "0s", "priority": "low")")),
            "delivered");
  EXPECT_EQ(sent(),
            R"({"topic":"orders","notification":{"title":"t"},"android":)"
            R"({"priority":"NORMAL","ttl":"0s"},"apns":{"headers":{"apns-priority":"5",)"
            R"("apns-expiration":"0"}},"webpush":{"headers":{"Urgency":"low","TTL":"0"}}})");
  EXPECT_EQ(summary(send(R"("condition": "'a' in topics", "data": {"a": "b"})")), "delivered");
  EXPECT_EQ(sent(), R"({"condition":"'a' in topics","data":{"a":"b"}})");
}

TEST_F(PushFcm, WhatIsRenderedGoesOut) {
  start();
  const auto result = push().deliver(
      R"({"token": "{{ t }}", "title": "{{ n }}", "data": {"a": "{{ x }}", "b": 1}})",
      {.settings = R"({"token": "device-2", "title": "N", "data": {"a": [2]}})"});
  EXPECT_EQ(summary(result), "delivered");
  EXPECT_EQ(sent(), R"({"token":"device-2","notification":{"title":"N"},)"
                    R"("data":{"a":"[2]","b":"1"}})");
}

TEST_F(PushFcm, ManyDeliveriesWaitForOneToken) {
  start({"FCM_TOKEN_DELAY_MS=300"});
  const std::vector<Delivery> many(200);
  for (const auto& result : push().deliver_all(R"({"token": "device-1", "title": "t"})", many)) {
    EXPECT_EQ(summary(result), "delivered") << result.message;
  }
  EXPECT_EQ(requests("/token").size(), 1u);
  EXPECT_EQ(requests(":send").size(), 200u);
  EXPECT_EQ(push().services().metric_sum("token_requests_total"), 1);
}

TEST_F(PushFcm, TheTokenIsRenewedBeforeItExpires) {
  start({"FCM_TOKEN_SECONDS=2"});
  EXPECT_TRUE(eventually([&] {
    EXPECT_EQ(to("device-1"), "delivered");
    std::set<std::string> used;
    for (const auto& request : requests(":send")) used.insert(request.string_or("authorization"));
    return used.size() >= 2;
  }));
}

TEST_F(PushFcm, ARefusedTokenIsGotAnewOnce) {
  start();
  EXPECT_EQ(to("device-1"), "delivered");
  EXPECT_EQ(to("revoke-1"), "delivered") << "the second time, with another token";
  EXPECT_EQ(requests("/token").size(), 2u);
  EXPECT_EQ(requests(":send").size(), 3u);
  EXPECT_EQ(to("refuse-1"), "misconfigured fcm_UNAUTHENTICATED");
  EXPECT_EQ(requests("/token").size(), 3u);
  EXPECT_EQ(requests(":send").size(), 5u) << "once more, not again and again";
}

TEST_F(PushFcm, ARestartOfGoogleCostsNothingButTime) {
  start();
  EXPECT_EQ(to("device-1"), "delivered");
  google_->kill();
  EXPECT_EQ(to("device-1"), "retry connection_refused");
  google_->restart();
  EXPECT_EQ(to("device-1"), "delivered") << "with a new token: the old one is unknown now";
}

TEST_F(PushFcm, EachErrorHasItsMeaning) {
  start();
  EXPECT_EQ(to("unregistered-1"), "rejected push_unregistered");
  EXPECT_EQ(to("malformed-1"), "rejected push_bad_token");
  EXPECT_EQ(to("sender-1"), "rejected fcm_SENDER_ID_MISMATCH");
  EXPECT_EQ(to("unavailable-1"), "retry fcm_UNAVAILABLE");
  EXPECT_EQ(to("internal-1"), "retry fcm_INTERNAL");
  EXPECT_EQ(to("thirdparty-1"), "misconfigured fcm_THIRD_PARTY_AUTH_ERROR");
  EXPECT_EQ(requests("/token").size(), 1u) << "that 401 is not about our token";
  const auto wait = [&](const std::string& token) {
    const auto result = send(R"("title": "t", "token": )" + json::quote(token));
    return summary(result) + " " + std::to_string(result.retry_after.count());
  };
  EXPECT_EQ(wait("quota-1"), "throttled fcm_QUOTA_EXCEEDED 60000");
  EXPECT_EQ(wait("quota30-1"), "throttled fcm_QUOTA_EXCEEDED 30000");
  EXPECT_EQ(wait("unavailable7-1"), "throttled fcm_UNAVAILABLE 7000");
  EXPECT_EQ(summary(send(R"("token": "device-1", "title": ")" + std::string(4'100, 'x') + "\"")),
            "rejected fcm_INVALID_ARGUMENT")
      << "too large";
  EXPECT_EQ(summary(send(R"("token": "device-1", "title": "t", "options": {"andriod": {}})")),
            "rejected fcm_INVALID_ARGUMENT");
  EXPECT_EQ(summary(push().deliver(R"({"token": "{{ t }}", "title": "t"})",
                                   {.settings = R"({"token": ""})"})),
            "rejected push_bad_token");
  EXPECT_EQ(summary(push().deliver(R"({"topic": "{{ t }}", "title": "t"})",
                                   {.settings = R"({"topic": "a b"})"})),
            "rejected push_bad_topic");
}

TEST_F(PushFcm, AWrongKeyOrAccountIsMisconfigured) {
  start();
  const auto with = [&](const std::string& account) {
    open(R"(, "provider": "fcm", "base_url": )" + json::quote(google_->url()) +
         R"(, "service_account": )" + json::quote(account));
    return to("device-1");
  };
  const std::string token_url = google_->url("/token");
  std::string other_key = json::quote(run_program(
      {"openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}));
  EXPECT_EQ(with(service_account(token_url, R"(, "private_key": )" + other_key)),
            "misconfigured fcm_token_invalid_grant");
  EXPECT_EQ(with(service_account(token_url, R"(, "client_email": "somebody@else")")),
            "misconfigured fcm_token_invalid_grant");
  EXPECT_EQ(with(service_account(token_url, R"(, "project_id": "other-project")")),
            "misconfigured fcm_NOT_FOUND");
}

TEST_F(PushFcm, AProbeSendsNothingAndTellsWrongCredentials) {
  start();
  EXPECT_EQ(probe(R"("token": "device-1", "title": "t")"), "");
  const json::Value body = *requests(":send").back().find("body");
  EXPECT_TRUE(body.find("validate_only")->as_boolean());
  open(R"(, "provider": "fcm", "base_url": )" + json::quote(google_->url()) +
       R"(, "service_account": )" +
       json::quote(service_account(google_->url("/token"), R"(, "client_email": "x@y")")));
  EXPECT_NE(probe(R"("token": "device-1", "title": "t")").find("fcm_token_invalid_grant"),
            std::string::npos);
}

TEST_F(PushFcm, APreviewIsTheRequestWithoutItsToken) {
  start();
  const std::string text = push().preview(R"({"token": "device-1", "title": "t"})", {});
  EXPECT_NE(text.find("POST " + google_->url("/v1/projects/test-project/messages:send")),
            std::string::npos);
  EXPECT_NE(text.find("\nAuthorization: Bearer ***\n"), std::string::npos) << text;
  EXPECT_NE(text.find(R"({"message":{"token":"device-1","notification":{"title":"t"}}})"),
            std::string::npos);
  EXPECT_TRUE(google_->lines().empty()) << "no request for a preview";
}

}  // namespace
}  // namespace observerd::testing
