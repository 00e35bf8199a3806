#include <set>

#include "fixture.hpp"
#include "keys.hpp"
#include "support/http_server.hpp"
#include "support/node_receiver.hpp"

namespace observerd::testing {
namespace {

/// A browser that decrypts, and its service (tests/receivers/web_push.mjs).
class PushBrowser : public PushTest {
 protected:
  void SetUp() override {
    const std::string missing = NodeReceiver::missing("web-push-testing");
    if (!missing.empty()) GTEST_SKIP() << missing << ": no browser decrypts";
    service_.emplace("web_push.mjs",
                     std::vector<std::string>{NodeReceiver::packages(), kVapidPublicKey});
    good_ = R"("subscription": )" + json::write(service_->lines()[0]);
    expired_ = R"("subscription": )" + json::write(service_->lines()[1]);
    open(web_push_settings());
  }
  /// A member of what the service made of the last message.
  std::string last(const std::string& name) const {
    return service_->lines().back().string_or(name);
  }

  std::optional<NodeReceiver> service_;
  std::string good_, expired_;
};

TEST_F(PushBrowser, DecryptsWhatWasSent) {
  const auto result = send(good_ + R"(, "title": "Order 7", "body": "größer > 6", "ttl": "1h",)"
                                   R"( "image": "https://example.com/7.png", "priority": "high",)"
                                   R"( "collapse_key": "order-7", "data": {"id": 7, "a": [null]},)"
                                   R"( "options": {"tag": "x"})");
  EXPECT_EQ(summary(result), "delivered") << result.message << service_->output();
  EXPECT_EQ(last("text"), R"({"title":"Order 7","body":"größer > 6",)"
                          R"("image":"https://example.com/7.png","data":{"id":7,"a":[null]},)"
                          R"("tag":"x"})");
  EXPECT_EQ(last("ttl"), "3600");
  EXPECT_EQ(last("urgency"), "high");
  EXPECT_EQ(last("topic"), "order-7");
}

TEST_F(PushBrowser, WhatNobodySaidIsLeftToTheService) {
  EXPECT_EQ(summary(send(good_ + R"(, "title": "t")")), "delivered");
  EXPECT_EQ(last("ttl"), "2419200") << "the one header that there must be";
  EXPECT_EQ(last("urgency"), "");
  EXPECT_EQ(last("topic"), "");
}

TEST_F(PushBrowser, AnyCollapseKeyBecomesATopic) {
  std::set<std::string> topics;
  for (const std::string& key : {std::string("order 7"), std::string("größe"), std::string(33, 'x'),
                                 std::string("order 7")}) {
    EXPECT_EQ(summary(send(good_ + R"(, "title": "t", "collapse_key": )" + json::quote(key))),
              "delivered")
        << service_->output();
    topics.insert(last("topic"));
  }
  EXPECT_EQ(topics.size(), 3u) << "the same key is the same topic";
}

TEST_F(PushBrowser, TheLargestMessageIsTaken) {
  const auto with_size = [&](std::size_t size) {
    const std::string body(size - std::string(R"({"body":""})").size(), 'x');
    return summary(send(good_ + R"(, "body": ")" + body + "\""));
  };
  EXPECT_EQ(with_size(3'993), "delivered") << service_->output().substr(0, 500);
  EXPECT_EQ(with_size(3'994), "rejected push_too_large");
}

TEST_F(PushBrowser, ManyMessagesShareOneTokenAndNoKey) {
  const std::vector<Delivery> many(100);
  for (const auto& result : push().deliver_all("{" + good_ + R"(, "title": "t"})", many)) {
    EXPECT_EQ(summary(result), "delivered") << result.message;
  }
  std::set<std::string> tokens;
  for (const json::Value& line : service_->lines()) {
    if (line.find("text") != nullptr) tokens.insert(line.string_or("authorization"));
  }
  EXPECT_EQ(tokens.size(), 1u);
}

TEST_F(PushBrowser, AnExpiredSubscriptionHarmsNoOther) {
  std::vector<Delivery> batch(3);
  const auto to = [](const std::string& member) { return "{" + member + R"(, "title": "t"})"; };
  batch[0].settings = to(good_);
  batch[1].settings = to(expired_);
  batch[2].settings = to(good_);
  const auto results = push().deliver_all(kToAnybody, batch);
  EXPECT_EQ(summary(results[0]), "delivered");
  EXPECT_EQ(summary(results[1]), "rejected push_unregistered");
  EXPECT_EQ(summary(results[2]), "delivered");
}

TEST_F(PushBrowser, AnotherServersKeyIsRefused) {
  open(web_push_settings(R"(, "push_services": ["127.0.0.1"], "vapid_private_key": )" +
                         json::quote(kEcKey)));
  EXPECT_EQ(summary(send(good_ + R"(, "title": "t")")), "rejected web_push_400")
      << "it was subscribed with another";
}

TEST_F(PushBrowser, APreviewShowsThePlainMessage) {
  const std::string text = push().preview("{" + good_ + R"(, "title": "t"})", {});
  EXPECT_NE(text.find("\nAuthorization: vapid t=***, k=" + std::string(kVapidPublicKey) + "\n"),
            std::string::npos)
      << text;
  EXPECT_TRUE(
      text.ends_with("\n\n"
                     R"({"title":"t"})"))
      << text;
  EXPECT_EQ(service_->lines().size(), 2u) << "nothing was sent";
}

/// Services that answer by script.
class PushWeb : public PushTest {
 protected:
  PushWeb() { open(web_push_settings()); }
  std::string message(const std::string& more = "") const {
    return subscription(server_.url("/p/1")) + R"(, "title": "t")" + more;
  }
  plugin::ItemResult when(HttpReply reply) {
    server_.always(std::move(reply));
    return send(message());
  }
  HttpServer server_;
};

TEST_F(PushWeb, EachStatusHasItsMeaning) {
  const std::pair<int, const char*> cases[] = {{201, "delivered"},
                                               {202, "delivered"},
                                               {400, "rejected web_push_400"},
                                               {401, "misconfigured web_push_401"},
                                               {403, "misconfigured web_push_403"},
                                               {404, "rejected push_unregistered"},
                                               {410, "rejected push_unregistered"},
                                               {413, "rejected push_too_large"},
                                               {500, "retry web_push_500"},
                                               {503, "retry web_push_503"},
                                               {507, "retry web_push_507"}};
  for (const auto& [status, expected] : cases) {
    EXPECT_EQ(summary(when(HttpReply(status))), expected) << status;
  }
  const auto limited = when(HttpReply(429));
  EXPECT_EQ(summary(limited), "throttled web_push_429");
  EXPECT_EQ(limited.retry_after, std::chrono::seconds(60)) << "where the service does not say";
  EXPECT_EQ(when(HttpReply(429).with("Retry-After", "17")).retry_after, std::chrono::seconds(17));
  EXPECT_EQ(summary(when(HttpReply(503).with("Retry-After", "5"))), "throttled web_push_503");
}

TEST_F(PushWeb, AHostThatAnEventChoseCannotHoldTheAction) {
  open(web_push_settings(R"(, "push_services": ["*"])"));
  EXPECT_EQ(summary(when(HttpReply(401))), "rejected web_push_401");
  EXPECT_EQ(summary(when(HttpReply(403))), "rejected web_push_403");
  EXPECT_EQ(summary(send(subscription("https://10.0.0.1/") + R"(, "title": "t")")),
            "rejected address_refused");
  EXPECT_EQ(summary(send(subscription("https://169.254.169.254/x") + R"(, "title": "t")")),
            "rejected address_refused");
}

TEST_F(PushWeb, OnlyServicesThatAreListedAreAsked) {
  // The keys are no keys, so that a listed host fails for that.
  const auto message = [&](const std::string& services, const std::string& endpoint) {
    open(web_push_settings(services));
    return push().deliver(kToAnybody, {.settings = rendered_to(endpoint, "p", "a")}).message;
  };
  for (const char* known : {"https://fcm.googleapis.com/fcm/send/x", "https://web.push.apple.com/x",
                            "https://updates.push.services.mozilla.com/wpush/v2/x",
                            "https://db5p.notify.windows.com/w/?token=x"}) {
    EXPECT_NE(message("", known).find("p256dh"), std::string::npos) << known;
  }
  for (const char* other :
       {"https://evil.example/", "https://fcm.googleapis.com.evil.example/",
        "https://evilnotify.windows.com/", "https://push.services.mozilla.com.evil.example/"}) {
    EXPECT_NE(message("", other).find("push_services"), std::string::npos) << other;
  }
  const std::string own = R"(, "push_services": ["Push.Example"])";
  EXPECT_NE(message(own, "https://push.example/x").find("p256dh"), std::string::npos);
  EXPECT_NE(message(own, "https://web.push.apple.com/x").find("push_services"), std::string::npos);
}

TEST_F(PushWeb, BadSubscriptionsAreToldBeforeAnythingIsSent) {
  const std::string point =
      "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
  const std::string secret = "BTBZMqHH6r4Tts7J_aSIgg";
  const std::vector<std::vector<std::string>> cases = {
      {"", point, secret},
      {"not a url", point, secret},
      {"ftp://127.0.0.1/", point, secret},
      {server_.url(), "", secret},
      {server_.url(), "!!!", secret},
      {server_.url(), point.substr(1), secret},
      {server_.url(), "BA" + std::string(85, 'A'), secret},
      {server_.url(), point, ""},
      {server_.url(), point, "c2hvcnQ"}};
  for (const auto& it : cases) {
    const std::string text = rendered_to(it[0], it[1], it[2]);
    EXPECT_EQ(summary(push().deliver(kToAnybody, {.settings = text})),
              "rejected push_bad_subscription")
        << text;
  }
  EXPECT_TRUE(server_.requests().empty());
  EXPECT_NE(
      ::testing::PrintToString(
          push().bind_problems("{" + subscription("https://evil.example/") + R"(, "title": "t"})"))
          .find("/subscription: its endpoint is at evil.example"),
      std::string::npos);
}

TEST_F(PushWeb, TheTtlCountsFromTheEvent) {
  server_.always(HttpReply(201));
  const auto ago = std::chrono::system_clock::now() - std::chrono::minutes(30);
  const std::int64_t created_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(ago.time_since_epoch()).count();
  EXPECT_EQ(summary(send(message(R"(, "ttl": "1h")"), {.created_ns = created_ns})), "delivered");
  const int left = std::stoi(server_.request(0).header("TTL"));
  EXPECT_TRUE(left > 1'700 && left <= 1'800) << left;
  EXPECT_EQ(summary(send(message(R"(, "ttl": "29m")"), {.created_ns = created_ns})),
            "rejected push_expired");
  EXPECT_EQ(summary(send(message(R"(, "ttl": "0s")"), {.created_ns = created_ns})), "delivered");
  EXPECT_EQ(server_.request(1).header("TTL"), "0");
}

TEST_F(PushWeb, SettingsSayWhatIsWrong) {
  const auto problems = [](const std::string& members) {
    return ::testing::PrintToString(
        ActionPlugin::open_problems("push", R"({"provider": "webpush")" + members + "}"));
  };
  const auto missing = problems("");
  EXPECT_NE(missing.find("/vapid_private_key: Web Push needs it"), std::string::npos);
  EXPECT_NE(missing.find("/vapid_subject: Web Push needs it"), std::string::npos);
  const std::string subject = R"(, "vapid_subject": "mailto:a@b.example")";
  for (const std::string& key :
       {std::string("c2hvcnQ"), std::string(kRsaKey), std::string(43, 'A')}) {
    EXPECT_NE(problems(subject + R"(, "vapid_private_key": )" + json::quote(key))
                  .find("/vapid_private_key: is no P-256 key"),
              std::string::npos)
        << key;
  }
  EXPECT_NE(::testing::PrintToString(push().bind_problems(R"({"title": "t", "token": "x"})"))
                .find("/token: Web Push has no such thing"),
            std::string::npos);
}

}  // namespace
}  // namespace observerd::testing
