#include "fixture.hpp"

/// What Slack's answers mean for a delivery.
namespace observerd::testing {
namespace {

class SlackAnswers : public SlackTest {
 protected:
  std::string api_says(const std::string& word, const std::string& channel) {
    server_.always(HttpReply(200, R"({"ok": false, "error": ")" + word + R"("})"));
    Delivery delivery;
    delivery.settings = R"({"message": "hi", "channel": ")" + next_channel() + R"("})";
    return summary(
        slack().deliver(R"({"message": "hi", "channel": ")" + channel + R"("})", delivery));
  }
  std::string webhook_says(int status, const std::string& text) {
    server_.always(HttpReply(status, text));
    // Another one each time, since one takes a message a second only.
    return summary(slack().deliver(R"({"message": "hi", "webhook_url": )" +
                                   json::quote(server_.url("/" + next_channel())) + "}"));
  }
  std::string next_channel() { return "c" + std::to_string(++channels_); }

 private:
  int channels_ = 0;
};

TEST_F(SlackAnswers, EachWordOfTheApiHasItsMeaning) {
  const struct {
    const char* word;
    const char* fixed;
    const char* from_event;
  } table[] = {
      {"ratelimited", "retry", "retry"},
      {"internal_error", "retry", "retry"},
      {"fatal_error", "retry", "retry"},
      {"invalid_auth", "misconfigured", "misconfigured"},
      {"token_revoked", "misconfigured", "misconfigured"},
      {"missing_scope", "misconfigured", "misconfigured"},
      {"channel_not_found", "misconfigured", "rejected"},
      {"not_in_channel", "misconfigured", "rejected"},
      {"restricted_action_read_only_channel", "misconfigured", "rejected"},
      {"is_archived", "gone", "rejected"},
      {"msg_too_long", "rejected", "rejected"},
      {"invalid_blocks_format", "rejected", "rejected"},
      {"invalid_arguments", "rejected", "rejected"},
  };
  for (const auto& line : table) {
    const std::string code = std::string(" slack_") + line.word;
    EXPECT_EQ(api_says(line.word, "#orders"), line.fixed + code);
    EXPECT_EQ(api_says(line.word, "{{ channel }}"), line.from_event + code);
  }
}

TEST_F(SlackAnswers, AWordThatIsNotKnownIsADeadLetterAndCounted) {
  EXPECT_EQ(api_says("out_of_luck", "#orders"), "rejected slack_unknown_error");
  EXPECT_EQ(slack().services().metric_sum("unknown_errors_total"), 1);
}

TEST_F(SlackAnswers, WhatSlackAddsIsTold) {
  server_.always(
      HttpReply(200, R"({"ok": false, "error": "missing_scope", "needed": "chat:write"})"));
  EXPECT_NE(slack().deliver(bot()).message.find("needed is chat:write"), std::string::npos);
  server_.always(HttpReply(200, R"({"ok": false, "error": "invalid_blocks",)"
                                R"( "response_metadata": {"messages": ["[ERROR] no text"]}})"));
  EXPECT_NE(slack().deliver(bot()).message.find("no text"), std::string::npos);
}

TEST_F(SlackAnswers, EachAnswerOfAWebhookHasItsMeaning) {
  EXPECT_EQ(webhook_says(200, "ok"), "delivered");
  EXPECT_EQ(webhook_says(200, "ok\n"), "delivered");
  EXPECT_EQ(webhook_says(400, "invalid_payload"), "rejected slack_invalid_payload");
  EXPECT_EQ(webhook_says(403, "action_prohibited"), "misconfigured slack_action_prohibited");
  EXPECT_EQ(webhook_says(403, "invalid_token"), "misconfigured slack_invalid_token");
  EXPECT_EQ(webhook_says(404, "channel_not_found"), "misconfigured slack_channel_not_found");
  EXPECT_EQ(webhook_says(404, "no_service"), "gone slack_no_service");
  EXPECT_EQ(webhook_says(410, "channel_is_archived"), "gone slack_channel_is_archived");
  EXPECT_EQ(webhook_says(500, "rollup_error"), "retry slack_rollup_error");
  EXPECT_EQ(webhook_says(404, "<html>no such page</html>"), "rejected http_404");
  EXPECT_EQ(webhook_says(503, ""), "retry http_503");
}

TEST_F(SlackAnswers, AnAnswerThatIsNotSlacksLeavesItOpenWhatHappened) {
  EXPECT_EQ(webhook_says(200, "<html>Welcome to the hotel</html>"), "retry slack_bad_answer");
  server_.always(HttpReply(200, "ok"));
  EXPECT_EQ(summary(slack().deliver(bot())), "retry slack_bad_answer");
  server_.always(HttpReply::truncated());
  EXPECT_EQ(summary(slack().deliver(bot())), "retry truncated_answer");
  server_.always(HttpReply::hang());
  EXPECT_EQ(summary(slack().deliver(bot(), {}, Milliseconds(300))), "retry timeout");
}

TEST_F(SlackAnswers, NoAnswerHoldsASecret) {
  server_.always(HttpReply(500, "xoxb"));
  const auto result = slack().deliver(webhook());
  EXPECT_EQ(result.message.find("secret"), std::string::npos);
  EXPECT_EQ(slack().services().text().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace observerd::testing
