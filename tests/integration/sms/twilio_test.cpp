#include "fixture.hpp"

namespace observerd::testing {
namespace {

constexpr const char* kAccount = "AC00112233445566778899aabbccddeeff";

class SmsTwilio : public SmsTest {
 protected:
  SmsTwilio() {
    open(R"(, "account_sid": ")" + std::string(kAccount) +
         R"(", "api_secret": "token", "from": "+15005550006")" + at_server());
    server_.always(HttpReply(201, R"({"sid": "SM1", "status": "queued"})"));
  }
  static HttpReply error(int status, int code) {
    return HttpReply(status, R"({"code": )" + std::to_string(code) +
                                 R"(, "message": "told", "status": )" + std::to_string(status) +
                                 "}");
  }
};

TEST_F(SmsTwilio, PostsAFormToTheAccount) {
  const auto result = send("+4915112345678", "Käse & 100% <ok> +1",
                           R"(, "status_callback": "https://a.example/done", "ttl": "5m")");
  EXPECT_EQ(summary(result), "delivered");
  EXPECT_EQ(result.remote_id, "SM1");
  const HttpRequest request = server_.request(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/2010-04-01/Accounts/" + std::string(kAccount) + "/Messages.json");
  EXPECT_EQ(request.header("Content-Type"), "application/x-www-form-urlencoded");
  // base64 of ACCOUNT:token
  EXPECT_EQ(request.header("Authorization"),
            "Basic QUMwMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2RkZWVmZjp0b2tlbg==");
  const std::map<std::string, std::string> expected{{"To", "+4915112345678"},
                                                    {"From", "+15005550006"},
                                                    {"Body", "Käse & 100% <ok> +1"},
                                                    {"StatusCallback", "https://a.example/done"},
                                                    {"ValidityPeriod", "300"}};
  EXPECT_EQ(sent(), expected);
}

TEST_F(SmsTwilio, AMessagingServiceIsNoNumber) {
  send("+4915112345678", "hi", R"(, "from": "MG00112233445566778899aabbccddeeff")");
  EXPECT_EQ(sent().count("From"), 0u);
  EXPECT_EQ(sent()["MessagingServiceSid"], "MG00112233445566778899aabbccddeeff");
}

TEST_F(SmsTwilio, EachErrorHasItsMeaning) {
  EXPECT_EQ(when(error(400, 21211)), "rejected twilio_21211") << "no such number";
  EXPECT_EQ(when(error(400, 21610)), "rejected twilio_21610") << "opted out";
  EXPECT_EQ(when(error(400, 21617)), "rejected twilio_21617") << "too long";
  EXPECT_EQ(when(error(401, 20003)), "misconfigured twilio_20003");
  EXPECT_EQ(when(error(400, 21606)), "misconfigured twilio_21606") << "the sender is not ours";
  EXPECT_EQ(when(error(429, 20429)), "retry twilio_20429");
  EXPECT_EQ(when(error(400, 30001)), "retry twilio_30001") << "their queue is full";
  EXPECT_EQ(when(error(400, 99999)), "rejected twilio_99999") << "by its status";
  EXPECT_EQ(when(error(500, 20500)), "retry twilio_20500");
  EXPECT_EQ(when(HttpReply(503)), "retry http_503");
  const auto throttled = [&] {
    server_.always(error(429, 20429).with("Retry-After", "3"));
    return send();
  }();
  EXPECT_EQ(summary(throttled), "throttled twilio_20429");
  EXPECT_EQ(throttled.retry_after.count(), 3'000);
}

TEST_F(SmsTwilio, SaysWhatIsMissing) {
  EXPECT_EQ(ActionPlugin::open_problems("sms", "{}").size(), 2u) << "account_sid and api_secret";
  open(R"(, "account_sid": ")" + std::string(kAccount) + R"(", "api_secret": "t")");
  const auto problems = sms().bind_problems(R"({"to": "0151", "message": "x"})");
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].substr(0, 4), "/to:");
  EXPECT_EQ(problems[1].substr(0, 6), "/from:");
}

TEST_F(SmsTwilio, OnlyNumbersAreSentTo) {
  for (const char* number : {"", "015112345678", "+0151", "+49 151", "+491511234567890123", "+1",
                             "+49151\r\n", "alice"}) {
    EXPECT_EQ(summary(send(number)), "rejected sms_bad_number") << number;
  }
  EXPECT_EQ(summary(send("+4915112345678", "")), "rejected sms_no_text");
  EXPECT_EQ(server_.requests().size(), 0u);
}

TEST_F(SmsTwilio, WhatIsOpenIsSentAgainUnlessToldOtherwise) {
  server_.always(HttpReply::reset());
  EXPECT_EQ(summary(send()), "retry connection_reset");
  open(R"(, "account_sid": ")" + std::string(kAccount) +
       R"(", "api_secret": "token", "from": "+1500", "unknown_outcome": "dead_letter")" +
       at_server());
  EXPECT_EQ(summary(send()), "rejected sms_unknown_outcome");
  EXPECT_EQ(when(error(500, 20500)), "rejected sms_unknown_outcome");
  EXPECT_EQ(when(error(429, 20429)), "retry twilio_20429") << "it was surely not taken";
}

TEST_F(SmsTwilio, WhatWasTakenIsNotSentAgainWithinTheWindow) {
  const std::string settings = R"({"to": "+4915112345678", "message": "hi"})";
  Delivery delivery;
  delivery.settings = settings;
  server_.script({HttpReply(503), HttpReply(201, R"({"sid": "SM1"})")});
  EXPECT_EQ(sms().deliver(settings, delivery).outcome, plugin::Outcome::Retry);
  EXPECT_EQ(sms().deliver(settings, delivery).remote_id, "SM1");
  const auto again = sms().deliver(settings, delivery);
  EXPECT_EQ(summary(again), "delivered");
  EXPECT_EQ(again.remote_id, "SM1");
  EXPECT_EQ(server_.requests().size(), 2u);
  delivery.id.back() = '0';
  server_.always(HttpReply(201, R"({"sid": "SM2"})"));
  EXPECT_EQ(sms().deliver(settings, delivery).remote_id, "SM2");

  open(R"(, "account_sid": ")" + std::string(kAccount) +
       R"(", "api_secret": "token", "from": "+1500", "idempotency_window": "0s")" + at_server());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(summary(sms().deliver(settings, delivery)), "delivered");
  EXPECT_EQ(server_.requests().size(), 5u);
}

}  // namespace
}  // namespace observerd::testing
