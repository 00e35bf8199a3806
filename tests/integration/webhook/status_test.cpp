#include <ctime>
#include <iterator>

#include "fixture.hpp"

/// What answers mean.
namespace observerd::testing {
namespace {

TEST(Webhook, EachClassOfStatusHasItsOutcome) {
  struct Case {
    int status;
    const char* expected;
  };
  const Case cases[] = {
      {200, "delivered"},
      {201, "delivered"},
      {202, "delivered"},
      {204, "delivered"},
      {299, "delivered"},
      {301, "rejected redirect"},
      {302, "rejected redirect"},
      {304, "rejected redirect"},
      {307, "rejected redirect"},
      {308, "rejected redirect"},
      {400, "rejected http_400"},
      {401, "misconfigured http_401"},
      {402, "rejected http_402"},
      {403, "misconfigured http_403"},
      {404, "rejected http_404"},
      {405, "rejected http_405"},
      {407, "misconfigured http_407"},
      {408, "retry http_408"},
      {409, "rejected http_409"},
      {410, "gone http_410"},
      {413, "rejected http_413"},
      {415, "rejected http_415"},
      {421, "retry http_421"},
      {422, "rejected http_422"},
      {425, "retry http_425"},
      {429, "retry http_429"},
      {451, "rejected http_451"},
      {500, "retry http_500"},
      {501, "rejected http_501"},
      {502, "retry http_502"},
      {503, "retry http_503"},
      {504, "retry http_504"},
      {505, "rejected http_505"},
      {507, "retry http_507"},
      {520, "retry http_520"},
      {527, "retry http_527"},
      {530, "retry http_530"},
  };
  HttpServer server;
  Webhook webhook;
  for (const auto& c : cases) {
    server.script({HttpReply(c.status, "because")});
    const auto result = webhook.deliver(action(server.url()));
    EXPECT_EQ(summary(result), c.expected) << c.status;
    if (result.outcome != plugin::Outcome::Delivered) {
      EXPECT_TRUE(result.message.starts_with("HTTP " + std::to_string(c.status))) << result.message;
    }
  }
  EXPECT_EQ(server.requests().size(), std::size(cases)) << "nothing is sent twice";
}

TEST(Webhook, CodesCanBeOverridden) {
  HttpServer server;
  Webhook webhook;
  const std::string settings = action(
      server.url(),
      R"(, "success_codes": [404], "retry_codes": [409, "300-308"], "permanent_codes": ["500-504"])");
  const std::pair<int, const char*> cases[] = {
      {404, "delivered"},         {409, "retry http_409"},    {302, "retry http_302"},
      {500, "rejected http_500"}, {504, "rejected http_504"}, {507, "retry http_507"},
      {410, "gone http_410"}};
  for (const auto& [status, expected] : cases) {
    server.script({HttpReply(status)});
    EXPECT_EQ(summary(webhook.deliver(settings)), expected) << status;
  }
}

TEST(Webhook, HonoursRetryAfterInBothForms) {
  HttpServer server;
  Webhook webhook;
  server.script({HttpReply(429).with("Retry-After", "120")});
  auto result = webhook.deliver(action(server.url()));
  EXPECT_EQ(summary(result), "throttled http_429");
  EXPECT_EQ(result.retry_after, std::chrono::seconds(120));

  const std::time_t then = std::time(nullptr) + 600;
  char date[64];
  std::tm parts{};
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&then, &parts));
  server.script({HttpReply(503).with("retry-after", date)});
  result = webhook.deliver(action(server.url()));
  EXPECT_EQ(summary(result), "throttled http_503");
  EXPECT_GT(result.retry_after, std::chrono::seconds(590));
  EXPECT_LE(result.retry_after, std::chrono::seconds(600));

  server.script({HttpReply(429).with("Retry-After", "later, perhaps")});
  result = webhook.deliver(action(server.url()));
  EXPECT_EQ(summary(result), "retry http_429");
  EXPECT_EQ(result.retry_after, std::chrono::seconds(0));
}

TEST(Webhook, RedirectsAreRefusedAndNeverFollowed) {
  HttpServer target;
  HttpServer server;
  Webhook webhook;
  server.script({HttpReply(307).with("Location", target.url("/secret-path"))});
  const auto result = webhook.deliver(action(server.url()));
  EXPECT_EQ(summary(result), "rejected redirect");
  EXPECT_NE(result.message.find("127.0.0.1"), std::string::npos) << result.message;
  EXPECT_EQ(result.message.find("secret-path"), std::string::npos) << result.message;
  EXPECT_EQ(target.connections(), 0);
}

TEST(Webhook, MessagesQuoteALittleOfTheAnswerWithoutControlCharacters) {
  HttpServer server;
  Webhook webhook;
  server.script({HttpReply(400, "bad\r\n\x1b[2J thing " + std::string(5000, 'x'))});
  const auto result = webhook.deliver(action(server.url()));
  EXPECT_TRUE(result.message.starts_with("HTTP 400: bad [2J thing xxx")) << result.message;
  EXPECT_LT(result.message.size(), 230U);
}

TEST(Webhook, InterimAnswersAreNotTheAnswer) {
  HttpServer server;
  Webhook webhook;
  server.script(
      {HttpReply::bytes("HTTP/1.1 103 Early Hints\r\nRetry-After: 5\r\n\r\n"
                        "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")});
  const auto result = webhook.deliver(action(server.url()));
  EXPECT_EQ(summary(result), "retry http_503") << "a header of the interim answer does not count";
}

}  // namespace
}  // namespace observerd::testing
