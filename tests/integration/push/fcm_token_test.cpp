#include <thread>

#include "fixture.hpp"
#include "support/eventually.hpp"
#include "support/http_server.hpp"

namespace observerd::testing {
namespace {

/// A token endpoint that fails in each way; messages would be taken.
class PushFcmToken : public PushTest {
 protected:
  PushFcmToken() { open(fcm_settings(server_.url(""))); }
  std::string when(HttpReply reply, Milliseconds deadline = std::chrono::seconds(20)) {
    server_.handle([reply](const HttpRequest& request) {
      return request.target == "/token" ? reply : HttpReply(200, R"({"name": "n"})");
    });
    return summary(send(R"("token": "d", "title": "t")", {}, deadline));
  }
  HttpServer server_;
};

TEST_F(PushFcmToken, FailuresOfTheTokenEndpointAreToldApart) {
  const std::string good = R"({"access_token": "a", "expires_in": 3600})";
  EXPECT_EQ(when(HttpReply(500)), "retry fcm_token_http_500");
  EXPECT_EQ(when(HttpReply(503).with("Retry-After", "9")), "throttled fcm_token_http_503");
  EXPECT_EQ(when(HttpReply(429, R"({"error": "rate_limit_exceeded"})")),
            "retry fcm_token_rate_limit_exceeded");
  EXPECT_EQ(when(HttpReply(400, R"({"error": "invalid_grant"})")),
            "misconfigured fcm_token_invalid_grant");
  EXPECT_EQ(when(HttpReply(401, R"({"error": "invalid_client"})")),
            "misconfigured fcm_token_invalid_client");
  EXPECT_EQ(when(HttpReply(404)), "misconfigured fcm_token_http_404");
  EXPECT_EQ(when(HttpReply(200, "<html>")), "retry fcm_token_bad_answer");
  EXPECT_EQ(when(HttpReply(200, R"({"access_token": "a\r\nX: y"})")), "retry fcm_token_bad_answer");
  EXPECT_EQ(when(HttpReply::reset()), "retry fcm_token_connection_reset");
  EXPECT_EQ(when(HttpReply::truncated()), "retry fcm_token_truncated_answer");
  EXPECT_EQ(when(HttpReply(200, good)), "delivered");
}

TEST_F(PushFcmToken, WhoWaitsForATokenKeepsHisOwnDeadline) {
  EXPECT_EQ(when(HttpReply::hang(), Milliseconds(300)), "retry timeout");
  for (const HttpRequest& request : server_.requests()) EXPECT_EQ(request.target, "/token");
}

TEST_F(PushFcmToken, WhoWaitsForATokenCanBeCancelled) {
  server_.always(HttpReply::hang());
  const auto action = push().bind(R"({"token": "d", "title": "t"})");
  plugin::Item item;
  item.action = action.get();
  item.event_json = std::make_shared<const std::string>("{}");
  item.settings_json = std::make_shared<const std::string>("{}");
  std::atomic<int> outcome{-1};
  const auto call =
      push().module().deliver({item}, std::chrono::steady_clock::now() + std::chrono::minutes(5),
                              [&](std::uint32_t, const plugin::ItemResult& result) {
                                outcome = static_cast<int>(result.outcome);
                              });
  ASSERT_TRUE(server_.wait_for(1));
  call->cancel();
  EXPECT_TRUE(eventually([&] { return outcome == static_cast<int>(plugin::Outcome::Cancelled); }));
}

TEST_F(PushFcmToken, StoppingDoesNotWaitForAToken) {
  server_.always(HttpReply::hang());
  const auto begin = std::chrono::steady_clock::now();
  std::thread stopper([&] {
    EXPECT_TRUE(server_.wait_for(1));
    push().module().stop();
  });
  EXPECT_EQ(summary(send(R"("token": "d", "title": "t")")), "cancelled cancelled");
  stopper.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(PushFcmSettings, SayWhatIsWrong) {
  const auto problems = [](const std::string& members) {
    return ::testing::PrintToString(
        ActionPlugin::open_problems("push", R"({"provider": "fcm")" + members + "}"));
  };
  const auto account = [&](const std::string& text) {
    return problems(R"(, "service_account": )" + json::quote(text));
  };
  const std::string url = "https://oauth2.googleapis.com/token";
  EXPECT_EQ(account(service_account(url)), "{}");
  EXPECT_NE(problems("").find("/service_account: FCM needs it"), std::string::npos);
  EXPECT_NE(account("secret-path.json").find("is no JSON"), std::string::npos);
  EXPECT_EQ(account("secret-path.json").find("secret-path"), std::string::npos);
  EXPECT_NE(account(R"({"project_id": "p"})").find("has no \\\"client_email\\\""),
            std::string::npos)
      << account(R"({"project_id": "p"})");
  EXPECT_NE(account(service_account(url, R"(, "private_key": "x")")).find("no RSA private key"),
            std::string::npos);
  EXPECT_NE(account(service_account(url, R"(, "project_id": "a/../b")")).find("project_id"),
            std::string::npos);
  EXPECT_NE(account(service_account("http://a.example/")).find("https://"), std::string::npos);
  EXPECT_NE(problems(R"(, "key_id": "KEY4567890")").find("is for the provider \\\"apns\\\" only"),
            std::string::npos);
}

TEST_F(PushFcmToken, SettingsOfAnActionSayWhatIsWrong) {
  const auto problems = [&](const std::string& members) {
    return ::testing::PrintToString(push().bind_problems("{" + members + "}"));
  };
  EXPECT_NE(problems(R"("title": "t")").find("one of token, topic and condition"),
            std::string::npos);
  EXPECT_NE(problems(R"("token": "a", "topic": "b", "title": "t")").find("one of token"),
            std::string::npos);
  EXPECT_NE(problems(R"("token": "a")").find("nothing to send"), std::string::npos);
  EXPECT_NE(problems(R"("topic": "/topics/a", "title": "t")").find("/topic:"), std::string::npos);
  EXPECT_NE(problems(R"("token": "a", "data": {"google.x": "1"})").find("/data/google.x"),
            std::string::npos);
  EXPECT_NE(problems(R"("token": "a", "title": "t", "ttl": "29d")").find("28 days"),
            std::string::npos);
  EXPECT_NE(problems(R"("token": "a", "title": "t", "push_type": "alert")").find("/push_type"),
            std::string::npos);
}

TEST_F(PushFcmToken, WhatIsTooOldIsNotSent) {
  EXPECT_EQ(summary(send(R"("token": "d", "title": "t", "ttl": "1h")",
                         {.created_ns = 1'000'000'000'000'000'000})),
            "rejected push_expired");
  EXPECT_TRUE(server_.requests().empty());
}

}  // namespace
}  // namespace observerd::testing
