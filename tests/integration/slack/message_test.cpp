#include "fixture.hpp"

/// What is sent to Slack, and what its settings may be.
namespace observerd::testing {
namespace {

using ::testing::Test;

class Slack : public SlackTest {};

TEST_F(Slack, AWebhookGetsTextAndBlocks) {
  server_.always(HttpReply(200, "ok"));
  Delivery delivery;
  delivery.settings = R"({"message": "Order 7 &lt;shipped&gt;", "blocks": [{"type": "divider"}]})";
  const auto result = slack().deliver(
      webhook(R"(, "blocks": [{"type": "divider"}], "unfurl_links": false)"), delivery);
  EXPECT_EQ(summary(result), "delivered");
  const HttpRequest request = server_.request(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/T1/B1/secret");
  EXPECT_EQ(request.header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(request.header("Authorization"), "");
  EXPECT_EQ(json::write(sent()),
            R"({"text":"Order 7 &lt;shipped&gt;","blocks":[{"type":"divider"}],)"
            R"("unfurl_links":false})");
}

TEST_F(Slack, ABotPostsToTheChannelOfTheEvent) {
  Delivery delivery;
  delivery.settings = R"({"message": "hi", "channel": "C-eu", "thread_ts": "17.5"})";
  const auto result = slack().deliver(
      R"({"message": "{{ m }}", "channel": "C-{{ region }}", "thread_ts": "{{ ts }}",)"
      R"( "username": "shop", "icon_emoji": ":package:"})",
      delivery);
  EXPECT_EQ(summary(result), "delivered");
  EXPECT_EQ(result.remote_id, "C1 1.2");
  const HttpRequest request = server_.request(0);
  EXPECT_EQ(request.target, "/api/chat.postMessage");
  EXPECT_EQ(request.header("Authorization"), "Bearer xoxb-secret");
  const json::Value body = sent();
  EXPECT_EQ(body.string_or("text"), "hi");
  EXPECT_EQ(body.string_or("channel"), "C-eu");
  EXPECT_EQ(body.string_or("thread_ts"), "17.5");
  EXPECT_EQ(body.string_or("username"), "shop");
  EXPECT_EQ(body.string_or("icon_emoji"), ":package:");
  EXPECT_EQ(body.find("metadata")->find("event_payload")->string_or("delivery_id"), delivery.id)
      << "how duplicates are found";
}

TEST_F(Slack, WithoutAChannelForThisEventItIsADeadLetter) {
  Delivery delivery;
  delivery.settings = R"({"message": "hi", "channel": ""})";
  const auto result = slack().deliver(R"({"message": "hi", "channel": "{{ channel }}"})", delivery);
  EXPECT_EQ(summary(result), "rejected slack_no_channel");
  EXPECT_EQ(server_.requests().size(), 0u);
}

TEST_F(Slack, WrongSettingsAreExplained) {
  using Problems = std::vector<std::string>;
  EXPECT_EQ(slack().bind_problems(R"({"message": "x"})"),
            Problems{": webhook_url or channel must say where the message goes"});
  const Problems both = slack().bind_problems(webhook(R"(, "channel": "#a", "username": "b")"));
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].substr(0, 9), "/channel:");
  EXPECT_EQ(both[1].substr(0, 10), "/username:");
  EXPECT_EQ(slack()
                .bind_problems(R"({"message": "x", "webhook_url": "hooks.slack.com/x"})")
                .front()
                .substr(0, 13),
            "/webhook_url:");
  ActionPlugin without_token("slack", local_settings());
  EXPECT_EQ(without_token.bind_problems(bot()),
            Problems{"/channel: needs the module's token: plugins.settings.slack.token"});
  EXPECT_EQ(ActionPlugin::open_problems("slack", R"({"base_url": "http://a.example/api"})").size(),
            1u);
  EXPECT_EQ(ActionPlugin::open_problems("slack", R"({"token": "a\nb"})").size(), 1u);
}

TEST_F(Slack, TheLaneOfAWebhookTellsItApartAndKeepsItSecret) {
  const auto one = slack().bind(webhook());
  const auto other = slack().bind(R"({"message": "x", "webhook_url": )" +
                                  json::quote(server_.url("/T1/B2/secret")) + "}");
  EXPECT_NE(one->lane_key(), other->lane_key());
  EXPECT_EQ(one->lane_key().find("secret"), std::string::npos);
  EXPECT_EQ(one->lane_key().find("B1"), std::string::npos);
  EXPECT_EQ(one->lane_key(), slack().bind(webhook())->lane_key());
}

TEST_F(Slack, TheProbeAsksWhetherTheTokenIsGood) {
  bool supported = false;
  const auto action = slack().bind(bot());
  EXPECT_TRUE(slack().module().probe(*action, supported).ok());
  EXPECT_EQ(server_.request(0).target, "/api/auth.test");
  server_.always(HttpReply(200, R"({"ok": false, "error": "invalid_auth"})"));
  const Status refused = slack().module().probe(*action, supported);
  EXPECT_NE(refused.to_string().find("slack_invalid_auth"), std::string::npos);
  EXPECT_EQ(server_.requests().size(), 2u) << "nothing was posted";
}

TEST_F(Slack, APreviewSendsNothing) {
  Delivery delivery;
  delivery.settings = R"({"message": "hello", "channel": "#orders"})";
  const std::string text = slack().preview(bot(), delivery);
  EXPECT_NE(text.find("/api/chat.postMessage"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("text":"hello")"), std::string::npos) << text;
  EXPECT_EQ(server_.requests().size(), 0u);
}

}  // namespace
}  // namespace observerd::testing
