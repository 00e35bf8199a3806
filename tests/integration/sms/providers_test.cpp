#include "base/json.hpp"
#include "fixture.hpp"

/// Vonage, and providers that the settings describe.
namespace observerd::testing {
namespace {

class SmsVonage : public SmsTest {
 protected:
  SmsVonage() {
    open(R"(, "provider": "vonage", "api_key": "k", "api_secret": "s", "from": "Shop")" +
         at_server());
  }
  static HttpReply says(const std::string& statuses) {
    std::string messages;
    for (std::size_t begin = 0; begin <= statuses.size();) {
      const std::size_t end = std::min(statuses.find(' ', begin), statuses.size());
      messages += std::string(messages.empty() ? "" : ",") + R"({"status": ")" +
                  statuses.substr(begin, end - begin) + R"(", "message-id": "m1"})";
      begin = end + 1;
    }
    return HttpReply(200, R"({"message-count": "1", "messages": [)" + messages + "]}");
  }
};

TEST_F(SmsVonage, PostsAForm) {
  server_.always(says("0"));
  const auto result = send("+4915112345678", "Привет");
  EXPECT_EQ(summary(result), "delivered");
  EXPECT_EQ(result.remote_id, "m1");
  EXPECT_EQ(server_.request(0).target, "/sms/json");
  const std::map<std::string, std::string> expected{
      {"api_key", "k"},   {"api_secret", "s"}, {"from", "Shop"},         {"to", "4915112345678"},
      {"text", "Привет"}, {"type", "unicode"}, {"client-ref", last_id()}};
  EXPECT_EQ(sent(), expected);
}

TEST_F(SmsVonage, EachStatusHasItsMeaningThoughAllComeWith200) {
  EXPECT_EQ(when(says("0 0")), "delivered");
  EXPECT_EQ(when(says("1")), "retry vonage_1") << "throttled";
  EXPECT_EQ(when(says("5")), "retry vonage_5");
  EXPECT_EQ(when(says("4")), "misconfigured vonage_4") << "bad credentials";
  EXPECT_EQ(when(says("9")), "misconfigured vonage_9") << "no money left";
  EXPECT_EQ(when(says("3")), "rejected vonage_3");
  EXPECT_EQ(when(says("77")), "rejected vonage_77");
  EXPECT_EQ(when(says("0 5")), "rejected vonage_5") << "a part was sent: not again";
  EXPECT_EQ(when(HttpReply(200, "<html>")), "retry vonage_bad_answer");
  EXPECT_EQ(when(HttpReply(200, R"({"messages": []})")), "retry vonage_bad_answer");
}

class SmsOther : public SmsTest {
 protected:
  void describe(const std::string& members) {
    open(R"(, "provider": "http", "from": "Shop", "http": {"url": )" +
         json::quote(server_.url("/v2/send")) + members + "}");
  }
};

TEST_F(SmsOther, IsAskedAsTheSettingsSay) {
  describe(R"(, "headers": {"Authorization": "Bearer t"})");
  EXPECT_EQ(summary(send()), "delivered");
  EXPECT_EQ(server_.request(0).target, "/v2/send");
  EXPECT_EQ(server_.request(0).header("Authorization"), "Bearer t");
  EXPECT_EQ(server_.request(0).header("Content-Type"), "application/json");
  EXPECT_EQ(server_.request(0).body,
            R"({"to":"+4915112345678","from":"Shop","text":"Order 7 shipped"})");
  describe(R"(, "encoding": "form", "fields": {"to": "rcpt", "message": "body", "id": "ref"})");
  EXPECT_EQ(summary(send()), "delivered");
  const std::map<std::string, std::string> expected{
      {"rcpt", "+4915112345678"}, {"body", "Order 7 shipped"}, {"ref", last_id()}};
  EXPECT_EQ(sent(1), expected);
}

TEST_F(SmsOther, IsUnderstoodAsTheSettingsSay) {
  describe(R"(, "success_pointer": "/result/ok", "id_pointer": "/result/id",)"
           R"( "error_pointer": "/error/code", "retry_errors": ["busy", "17"])");
  server_.always(HttpReply(200, R"({"result": {"ok": true, "id": 12}})"));
  const auto taken = send();
  EXPECT_EQ(summary(taken), "delivered");
  EXPECT_EQ(taken.remote_id, "12");
  EXPECT_EQ(when(HttpReply(200, R"({"error": {"code": "busy"}})")), "retry sms_busy");
  EXPECT_EQ(when(HttpReply(200, R"({"error": {"code": 17}})")), "retry sms_17");
  EXPECT_EQ(when(HttpReply(200, R"({"error": {"code": "blocked"}})")), "rejected sms_blocked");
  EXPECT_EQ(when(HttpReply(200, R"({"result": {"ok": false}})")), "rejected sms_not_taken");
  EXPECT_EQ(when(HttpReply(400, R"({"error": {"code": "busy"}})")), "retry sms_busy");
  EXPECT_EQ(when(HttpReply(400, R"({"error": {"code": "blocked"}})")), "rejected sms_blocked");
  EXPECT_EQ(when(HttpReply(401, "")), "misconfigured http_401");
}

TEST_F(SmsOther, WrongDescriptionsAreExplained) {
  const auto problems = [](const std::string& members) {
    return ActionPlugin::open_problems("sms", R"({"provider": "http")" + members + "}");
  };
  EXPECT_EQ(problems("").size(), 1u);
  EXPECT_EQ(problems(R"(, "http": {"url": "http://a.example/"})").size(), 1u) << "no TLS";
  const auto all = problems(R"(, "http": {"url": "https://a.example/", "fields": {"too": "x"},)"
                            R"( "headers": {"Host": "b", "Content-Type": "c"}})");
  EXPECT_EQ(all.size(), 5u);
  EXPECT_NE(::testing::PrintToString(all).find("did you mean \\\"to\\\""), std::string::npos)
      << ::testing::PrintToString(all);
}

TEST_F(SmsOther, SegmentsAreCountedAsOperatorsDo) {
  describe("");
  const auto segments = [&](const std::string& character, int times) {
    const double before = sms().services().metric_sum("segments_total");
    std::string text;
    for (int i = 0; i < times; ++i) text += character;
    EXPECT_EQ(summary(send("+4915112345678", text)), "delivered");
    return sms().services().metric_sum("segments_total") - before;
  };
  EXPECT_EQ(segments("a", 160), 1);
  EXPECT_EQ(segments("a", 161), 2);
  EXPECT_EQ(segments("a", 306), 2);
  EXPECT_EQ(segments("a", 307), 3);
  EXPECT_EQ(segments("€", 80), 1) << "an escape each";
  EXPECT_EQ(segments("€", 81), 2);
  EXPECT_EQ(segments("ü", 160), 1);
  EXPECT_EQ(segments("я", 70), 1);
  EXPECT_EQ(segments("я", 71), 2);
  EXPECT_EQ(segments("😀", 35), 1) << "two units each";
  EXPECT_EQ(segments("😀", 36), 2);
}

}  // namespace
}  // namespace observerd::testing
