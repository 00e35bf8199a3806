#include <map>

#include "fixture.hpp"
#include "support/form.hpp"
#include "support/node_receiver.hpp"
#include "support/server_process.hpp"

/// Slack's own clients (npm @slack/webhook and @slack/web-api) send the same message as the plugin:
/// their requests must say the same.
namespace observerd::testing {
namespace {

using Said = std::map<std::string, std::string>;

Said members(const json::Value& object) {
  Said out;
  for (const auto& [name, value] : object.members()) {
    out[name] = value.is_string() ? value.text() : json::write(value);
  }
  return out;
}

/// Where a request goes, as whom, and the members of its message, whichever of the two ways that
/// Slack takes it is written in; those of a form that are no text are JSON, as in Slack's clients.
Said said(const HttpRequest& request) {
  const std::string type = request.header("Content-Type");
  Said out;
  if (type == "application/json" || type == "application/json; charset=utf-8") {
    const auto body = json::parse(request.body, Code::ActionFailed);
    if (body) out = members(*body);
  } else if (type == "application/x-www-form-urlencoded") {
    out = read_form(request.body);
  }
  EXPECT_FALSE(out.empty()) << type << ": " << request.body;
  out["> request"] = request.method + " " + request.target;
  out["> Authorization"] = request.header("Authorization");
  return out;
}

class SlackClients : public SlackTest {
 protected:
  /// Runs one of the clients with these arguments and gives what it made of the answer.
  static std::string run_client(std::vector<std::string> arguments) {
    std::vector<std::string> words{"node",
                                   OBSERVERD_SOURCE_DIR "/tests/receivers/slack_clients.mjs",
                                   NodeReceiver::packages()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run_program(words);
  }
  /// Delivers with settings whose values are those of `rendered`.
  std::string deliver(const std::string& more, const std::string& rendered) {
    Delivery delivery;
    delivery.settings = rendered;
    return summary(slack().deliver(R"({"message": "{{ m }}")" + more + "}", delivery));
  }
};

constexpr const char* kText =
    R"("Order 7 &lt;shipped&gt;\n\"K\u00e4se\" &amp; 100% \ud83d\udce6 +1=")";
constexpr const char* kBlocks =
    R"([{"type": "section", "text": {"type": "mrkdwn", "text": "*7* 1/2\t\u20ac 99.50"}},)"
    R"( {"type": "divider"}])";

TEST_F(SlackClients, AWebhookIsAskedAsSlacksOwnClientAsksIt) {
  const std::string missing = NodeReceiver::missing("@slack/webhook");
  if (!missing.empty()) GTEST_SKIP() << missing;
  server_.always(HttpReply(200, "ok"));
  const std::string more =
      std::string(R"(, "thread_ts": "17.5", "blocks": )") + kBlocks + R"(, "unfurl_links": false)";
  const std::string url = server_.url("/services/T1/B1/secret");
  EXPECT_EQ(deliver(R"(, "webhook_url": )" + json::quote(url) + more,
                    std::string(R"({"message": )") + kText + more + "}"),
            "delivered");
  EXPECT_EQ(run_client({"webhook", url, std::string(R"({"text": )") + kText + more + "}"}),
            "{\"text\":\"ok\"}\n");
  ASSERT_EQ(server_.requests().size(), 2u);
  Said theirs = said(server_.request(1));
  theirs.erase("timeout");  // an option of the client, which 7.2.0 sends along
  EXPECT_EQ(said(server_.request(0)), theirs);
  EXPECT_EQ(theirs.size(), 6u) << "four members, and whom it was sent to";
}

TEST_F(SlackClients, ABotPostsAsSlacksOwnClientDoes) {
  const std::string missing = NodeReceiver::missing("@slack/web-api");
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string more = std::string(R"(, "channel": "#orders-eu", "blocks": )") + kBlocks +
                           R"(, "thread_ts": "1700000000.123456", "username": "Shop & Co",)"
                           R"( "icon_emoji": ":package:", "unfurl_links": false)";
  EXPECT_EQ(deliver(more, std::string(R"({"message": )") + kText + more + "}"), "delivered");
  const std::string metadata =
      R"(, "metadata": {"event_type": "observerd_delivery", "event_payload": {"delivery_id": ")" +
      Delivery().id + "\"}}";
  const std::string answer =
      run_client({"bot", server_.url("/api/"), "xoxb-secret",
                  std::string(R"({"text": )") + kText + more + metadata + "}"});
  EXPECT_NE(answer.find(R"("ok":true)"), std::string::npos) << answer;
  ASSERT_EQ(server_.requests().size(), 2u);
  const Said theirs = said(server_.request(1));
  EXPECT_EQ(said(server_.request(0)), theirs);
  EXPECT_EQ(theirs.at("> Authorization"), "Bearer xoxb-secret");
  EXPECT_EQ(theirs.size(), 10u) << "eight members, and whom it was sent to";
}

}  // namespace
}  // namespace observerd::testing
