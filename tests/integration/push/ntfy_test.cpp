#include "fixture.hpp"
#include "support/http_server.hpp"

namespace observerd::testing {
namespace {

/// ntfy's rules for publishing as JSON, with the numbers of its server's errors. Written by hand:
/// its server is not packaged.
class StrictNtfy {
 public:
  StrictNtfy() {
    server_.handle([this](const HttpRequest& request) { return answer(request); });
  }
  std::string url() const { return server_.url(""); }
  HttpServer& server() { return server_; }
  json::Value last() const {
    return json::parse(server_.requests().back().body, Code::ActionFailed).value();
  }

 private:
  static HttpReply error(int code, const std::string& text) {
    const std::string http = std::to_string(code / 100);
    return HttpReply(code / 100, R"({"code":)" + std::to_string(code) + R"(,"http":)" + http +
                                     R"(,"error":")" + text + R"(","link":"https://ntfy.sh"})")
        .with("Content-Type", "application/json");
  }
  static bool is_topic(const std::string& topic) {
    return !topic.empty() && topic.size() <= 64 &&
           topic.find_first_not_of(
               "-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
               std::string::npos;
  }
  /// Each member's type; those that the server does not know it ignores, we don't.
  static bool is_message(const json::Value& body) {
    for (const auto& [name, value] : body.members()) {
      const bool is_text = name == "topic" || name == "title" || name == "message" ||
                           name == "click" || name == "attach" || name == "icon" ||
                           name == "filename" || name == "delay" || name == "email";
      const bool fits = (is_text && value.is_string()) ||
                        (name == "priority" && value.is_number()) ||
                        ((name == "tags" || name == "actions") && value.is_array()) ||
                        (name == "markdown" && value.is_boolean());
      if (!fits) return false;
    }
    return true;
  }
  HttpReply answer(const HttpRequest& request) {
    if (request.method != "POST" || request.target != "/") return error(40401, "page not found");
    const std::string who = request.header("Authorization");
    if (who.empty()) return error(40301, "forbidden");
    if (who != "Bearer tk_good" && who != "Basic cGhpbDpteXBhc3M=") {
      return error(40101, "unauthorized");
    }
    if (request.body.size() > 8'192) return error(41303, "JSON body too large");
    const auto body = json::parse(request.body, Code::ActionFailed);
    if (!body || !body->is_object() || !is_message(*body)) {
      return error(40017, "invalid request: request body must be message JSON");
    }
    const std::string topic = body->string_or("topic");
    if (!is_topic(topic)) return error(40009, "invalid request: topic invalid");
    const json::Value* priority = body->find("priority");
    if (priority != nullptr && (priority->text() < "1" || priority->text() > "5")) {
      return error(40007, "invalid priority parameter");
    }
    if (topic == "often") return error(42901, "limit reached: too many requests");
    if (topic == "quota") return error(42908, "limit reached: daily message quota reached");
    if (topic == "broken") return error(50001, "internal server error");
    return HttpReply(200, R"({"id":"sPs71M8A2T","time":1643935928,"event":"message","topic":")" +
                              topic + R"("})");
  }

  HttpServer server_;
};

class PushNtfy : public PushTest {
 protected:
  PushNtfy() { open_ntfy(R"(, "access_token": "tk_good")"); }
  void open_ntfy(const std::string& members) { open(ntfy_settings(ntfy_.url(), members)); }
  plugin::ItemResult to(const std::string& topic, const std::string& more = "") {
    return send(R"("title": "t", "topic": )" + json::quote(topic) + more);
  }
  StrictNtfy ntfy_;
};

TEST_F(PushNtfy, AMessageIsPublishedAsJson) {
  const auto result =
      to("orders", R"(, "body": "größer\nals 6", "priority": "high",)"
                   R"( "image": "https://example.com/7.png",)"
                   R"( "options": {"tags": ["package"], "click": "https://a.example"})");
  EXPECT_EQ(summary(result), "delivered") << result.message;
  EXPECT_EQ(result.remote_id, "sPs71M8A2T");
  EXPECT_EQ(json::write(ntfy_.last()),
            R"({"topic":"orders","title":"t","message":"größer\nals 6",)"
            R"("attach":"https://example.com/7.png","priority":4,"tags":["package"],)"
            R"("click":"https://a.example"})");
}

TEST_F(PushNtfy, EachPriorityIsANumber) {
  const std::pair<const char*, const char*> cases[] = {
      {"very-low", "1"}, {"low", "2"}, {"normal", "3"}, {"high", "4"}};
  for (const auto& [word, number] : cases) {
    EXPECT_EQ(summary(to("orders", R"(, "priority": ")" + std::string(word) + "\"")), "delivered");
    EXPECT_EQ(ntfy_.last().find("priority")->text(), number);
  }
  EXPECT_EQ(summary(to("orders", R"(, "options": {"priority": 5})")), "delivered");
  EXPECT_EQ(summary(to("orders", R"(, "options": {"priority": 9})")), "rejected ntfy_40007");
}

TEST_F(PushNtfy, EachErrorHasItsMeaning) {
  EXPECT_EQ(summary(to("broken")), "retry ntfy_50001");
  EXPECT_EQ(summary(to("orders", R"(, "options": {"tags": "package"})")), "rejected ntfy_40017");
  EXPECT_EQ(summary(to("orders", R"(, "body": ")" + std::string(9'000, 'x') + "\"")),
            "rejected push_too_large");
  const auto often = to("often");
  EXPECT_EQ(summary(often), "throttled ntfy_42901");
  EXPECT_EQ(often.retry_after, std::chrono::seconds(60));
  const auto quota = to("quota");
  EXPECT_EQ(summary(quota), "throttled ntfy_42908");
  const auto midnight = std::chrono::ceil<std::chrono::days>(std::chrono::system_clock::now());
  const auto until = std::chrono::system_clock::now() + quota.retry_after - midnight;
  EXPECT_LT(std::chrono::abs(until), std::chrono::minutes(1)) << "the quota is a day's";
  EXPECT_EQ(summary(push().deliver(R"({"title": "t", "topic": "{{ x }}"})",
                                   {.settings = R"({"topic": "a/../b"})"})),
            "rejected push_bad_topic");
}

TEST_F(PushNtfy, CredentialsAreATokenOrAPassword) {
  open_ntfy(R"(, "user": "phil", "password": "mypass")");
  EXPECT_EQ(summary(to("orders")), "delivered");
  open_ntfy(R"(, "access_token": "tk_bad")");
  EXPECT_EQ(summary(to("orders")), "misconfigured ntfy_40101");
  open_ntfy("");
  EXPECT_EQ(summary(to("orders")), "misconfigured ntfy_40301");
}

TEST_F(PushNtfy, SettingsSayWhatIsWrong) {
  const auto opened = [](const std::string& members) {
    return ::testing::PrintToString(
        ActionPlugin::open_problems("push", R"({"provider": "ntfy")" + members + "}"));
  };
  EXPECT_EQ(opened(""), "{}") << "ntfy.sh has topics for everybody";
  EXPECT_NE(opened(R"(, "user": "a")").find("/password"), std::string::npos);
  EXPECT_NE(opened(R"(, "access_token": "a", "user": "b", "password": "c")").find("/access_token"),
            std::string::npos);
  EXPECT_NE(opened(R"(, "access_token": "a\nb")").find("/access_token"), std::string::npos);
  EXPECT_NE(opened(R"(, "base_url": "http://a.example")").find("/base_url"), std::string::npos);
  EXPECT_NE(opened(R"(, "base_url": "https://a.example/?x=1")").find("/base_url"),
            std::string::npos);
  const auto bound = [&](const std::string& members) {
    return ::testing::PrintToString(push().bind_problems("{" + members + "}"));
  };
  EXPECT_NE(bound(R"("title": "t")").find("/topic"), std::string::npos);
  EXPECT_NE(bound(R"("title": "t", "topic": "a b")").find("/topic"), std::string::npos);
  for (const char* member : {"ttl\": \"1h", "collapse_key\": \"a", "token\": \"a"}) {
    EXPECT_NE(bound(R"("topic": "a", "title": "t", ")" + std::string(member) + "\"")
                  .find("ntfy has no such thing"),
              std::string::npos)
        << member;
  }
}

}  // namespace
}  // namespace observerd::testing
