#include <algorithm>
#include <chrono>
#include <thread>

#include "fixture.hpp"
#include "support/loopback.hpp"
#include "support/smtp_server.hpp"

/// Servers that refuse, vanish, dawdle and talk nonsense: what becomes of the delivery.
namespace observerd::testing {
namespace {

using Then = SmtpAnswer::Then;

class EmailFault : public EmailTest {
 protected:
  void SetUp() override { open(server_.port()); }
  /// The outcome when lines that begin so are answered so.
  std::string when(const std::string& prefix, SmtpAnswer answer) {
    server_.forget_rules();
    server_.when(prefix, std::move(answer));
    server_.drop_connections();
    open(server_.port());
    return summary(send());
  }
  std::string answering(const std::string& prefix, const std::string& line) {
    return when(prefix, SmtpAnswer::line(line));
  }

  SmtpServer server_;
};

TEST_F(EmailFault, EachAnswerHasItsMeaning) {
  const auto connect = SmtpServer::kConnect;
  const auto message = SmtpServer::kMessage;
  EXPECT_EQ(answering(connect, "554 5.7.1 not you"), "misconfigured smtp_554");
  EXPECT_EQ(answering(connect, "421 4.7.0 too many connections"), "throttled smtp_421");
  EXPECT_EQ(when("EHLO", SmtpAnswer::line("421 4.3.2 going down", Then::Close)),
            "throttled smtp_421");
  EXPECT_EQ(answering("MAIL", "451 4.3.0 later"), "retry smtp_451");
  EXPECT_EQ(answering("MAIL", "550 5.7.1 not as this sender"), "misconfigured smtp_sender_550");
  EXPECT_EQ(answering("MAIL", "530 5.7.0 log in first"), "misconfigured smtp_530");
  EXPECT_EQ(answering("MAIL", "552 5.3.4 too large"), "rejected smtp_552");
  EXPECT_EQ(answering("RCPT", "550 5.1.1 no such user"), "rejected smtp_550");
  EXPECT_EQ(answering("RCPT", "551 5.1.6 has moved"), "rejected smtp_551");
  EXPECT_EQ(answering("RCPT", "450 4.2.1 greylisted"), "retry smtp_450");
  EXPECT_EQ(answering("RCPT", "452 4.5.3 too many"), "retry smtp_452");
  EXPECT_EQ(answering("RCPT", "421 4.7.28 rate limited"), "throttled smtp_421");
  EXPECT_EQ(answering("DATA", "554 5.5.1 no"), "rejected smtp_554");
  EXPECT_EQ(answering("DATA", "451 4.3.0 later"), "retry smtp_451");
  EXPECT_EQ(answering("DATA", "250 what?"), "retry smtp_250");
  EXPECT_EQ(answering(message, "550 5.7.1 spam"), "rejected smtp_550");
  EXPECT_EQ(answering(message, "452 4.3.1 disk full"), "retry smtp_452");
  EXPECT_EQ(answering(message, "421 4.3.2 going down"), "throttled smtp_421");
  EXPECT_EQ(answering(message, "250 fine"), "delivered");
}

TEST_F(EmailFault, ARateLimitAsksForTime) {
  server_.when("MAIL", SmtpAnswer::line("421 4.7.0 slow down", Then::Close));
  const auto result = send();
  EXPECT_EQ(summary(result), "throttled smtp_421");
  EXPECT_EQ(result.retry_after, std::chrono::seconds(10));
  EXPECT_NE(result.message.find("421 4.7.0 slow down"), std::string::npos) << result.message;
}

TEST_F(EmailFault, ASenderThatAnEventMakesIsTheEventsFault) {
  server_.when("MAIL", SmtpAnswer::line("550 5.7.1 not as this sender"));
  EXPECT_EQ(summary(send(R"({"from": "x@example.com"})", R"(, "from": "{{ from }}")")),
            "rejected smtp_550");
}

TEST_F(EmailFault, AConnectionThatBreaksBeforeTheEndIsTriedAgain) {
  for (const char* line : {"EHLO", "MAIL", "RCPT", "DATA", SmtpServer::kConnect}) {
    for (const SmtpAnswer& answer : {SmtpAnswer::reset(), SmtpAnswer::closed()}) {
      const std::string result = when(line, answer);
      // Refused: reset before libcurl has seen that it was connected.
      const bool is_one = result == "retry connection_reset" ||
                          result == "retry malformed_answer" ||
                          result == "retry connection_refused";
      EXPECT_TRUE(is_one) << line << ": " << result;
    }
  }
  EXPECT_EQ(server_.messages().size(), 0u);
}

TEST_F(EmailFault, ALostAnswerToTheMessageIsOpenAndTheNextAttemptHasTheSameId) {
  for (const SmtpAnswer& answer :
       {SmtpAnswer::reset(), SmtpAnswer::closed(), SmtpAnswer{"25", Then::Close, {}}}) {
    EXPECT_EQ(when(SmtpServer::kMessage, answer), "retry smtp_unknown_outcome");
  }
  server_.forget_rules();
  EXPECT_EQ(summary(send()), "delivered");
  const auto messages = server_.messages();
  ASSERT_EQ(messages.size(), 4u);
  for (const std::string& message : messages) {
    EXPECT_NE(message.find("Message-ID: <0f8fad5b-d9cb-569f-a165-70867728950e@example.com>\r\n"),
              std::string::npos);
  }
}

TEST_F(EmailFault, NothingOutlastsTheDeadline) {
  const auto slowly = [&](const char* prefix, SmtpAnswer answer) {
    server_.forget_rules();
    server_.when(prefix, std::move(answer));
    const auto begin = std::chrono::steady_clock::now();
    const auto result = email().deliver(action(), {}, std::chrono::milliseconds(400));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5)) << prefix;
    return summary(result);
  };
  const SmtpAnswer dripping{std::string(100, '2'), Then::KeepOpen, std::chrono::milliseconds(50)};
  EXPECT_EQ(slowly(SmtpServer::kMessage, SmtpAnswer::hang()), "retry smtp_unknown_outcome");
  EXPECT_EQ(slowly("MAIL", SmtpAnswer::hang()), "retry timeout");
  EXPECT_EQ(slowly("RCPT", dripping), "retry timeout");
  EXPECT_EQ(slowly("EHLO", SmtpAnswer::hang()), "retry connect_timeout");
  EXPECT_EQ(slowly(SmtpServer::kConnect, dripping), "retry connect_timeout");
}

TEST_F(EmailFault, TheModulesTimeoutHoldsTooAndOneForConnecting) {
  open(server_.port(), R"(, "security": "none", "timeout": "300ms")");
  server_.when("DATA", SmtpAnswer::hang());
  EXPECT_EQ(summary(send()), "retry timeout");
  server_.forget_rules();
  open(server_.port(), R"(, "security": "none", "connect_timeout": "300ms")");
  server_.when(SmtpServer::kConnect, SmtpAnswer::hang());
  EXPECT_EQ(summary(send()), "retry connect_timeout");
}

TEST_F(EmailFault, NonsenseIsNoAnswer) {
  for (const char* line : {"MAIL", "RCPT", "DATA"}) {
    EXPECT_EQ(when(line, {"HTTP/1.1 200 OK\r\n", Then::KeepOpen, {}}), "retry malformed_answer");
    EXPECT_EQ(when(line, {"250-one\r\n350 two\r\n", Then::KeepOpen, {}}), "retry malformed_answer");
  }
  EXPECT_EQ(when(SmtpServer::kConnect, SmtpAnswer::line("SSH-2.0-OpenSSH_9.2")),
            "retry malformed_answer");
  EXPECT_EQ(when(SmtpServer::kMessage, SmtpAnswer::line("thanks")), "retry smtp_unknown_outcome");
}

TEST_F(EmailFault, AnEndlessAnswerIsCutOff) {
  std::string endless;
  for (int i = 0; i < 20'000; ++i) endless += "250-and so on\r\n";
  EXPECT_EQ(when("MAIL", {endless, Then::KeepOpen, {}}), "retry malformed_answer");
  // libcurl has a bound of its own for what is said before the mail.
  EXPECT_EQ(when("EHLO", {endless, Then::KeepOpen, {}}).substr(0, 6), "retry ");
}

TEST_F(EmailFault, NobodyListensOrNobodyIsThere) {
  open(free_port());
  EXPECT_EQ(summary(send()), "retry connection_refused");
  plugin_ = std::make_unique<ActionPlugin>(
      "email", R"({"host": "127.0.0.1", "port": 25, "security": "none", "from": "a@example.com"})");
  EXPECT_EQ(summary(send()), "misconfigured address_refused");
}

TEST_F(EmailFault, AKeptConnectionThatIsGoneCostsNothing) {
  EXPECT_EQ(summary(send()), "delivered");
  EXPECT_EQ(summary(send()), "delivered");
  EXPECT_EQ(server_.count(SmtpServer::kConnect), 1u) << "it is kept";
  server_.drop_connections();
  EXPECT_EQ(summary(send()), "delivered") << "closed meanwhile";
  EXPECT_EQ(server_.count(SmtpServer::kConnect), 2u);
  server_.when("MAIL", SmtpAnswer::line("421 4.4.2 that is enough", Then::Close), 1);
  EXPECT_EQ(summary(send()), "delivered") << "closed as it was to be used";
  server_.when("DATA", SmtpAnswer::reset(), 1);
  EXPECT_EQ(summary(send()), "delivered");
  EXPECT_EQ(server_.count(SmtpServer::kConnect), 4u);
  EXPECT_EQ(server_.messages().size(), 5u) << "and nothing twice";
}

TEST_F(EmailFault, ARefusalDoesNotCostTheConnection) {
  server_.when("RCPT TO:<no@example.org>", SmtpAnswer::line("550 5.1.1 no such user"));
  EXPECT_EQ(summary(send(R"({"to": "no@example.org"})")), "rejected smtp_550");
  EXPECT_EQ(summary(send()), "delivered");
  EXPECT_EQ(server_.count(SmtpServer::kConnect), 1u);
  EXPECT_EQ(server_.count("RSET"), 1u);
}

TEST_F(EmailFault, OneBadMailHarmsNoOther) {
  server_.when("RCPT TO:<no@example.org>", SmtpAnswer::line("550 5.1.1 no such user"));
  std::vector<Delivery> deliveries(30);
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    deliveries[i].id = "id-" + std::to_string(i);
    if (i % 3 == 1) deliveries[i].settings = R"({"to": "no@example.org"})";
    if (i % 3 == 2) deliveries[i].settings = R"({"to": "no address"})";
  }
  const auto results = email().deliver_all(action(), deliveries);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const char* const expected[] = {"delivered", "rejected smtp_550", "rejected email_bad_address"};
    EXPECT_EQ(summary(results[i]), expected[i % 3]) << i;
  }
  EXPECT_EQ(server_.messages().size(), 10u);
}

TEST_F(EmailFault, StoppingEndsWhatRuns) {
  server_.when("MAIL", SmtpAnswer::hang());
  std::string result;
  std::thread delivering([&] { result = summary(send()); });
  ASSERT_TRUE(server_.wait_for("MAIL"));
  const auto begin = std::chrono::steady_clock::now();
  email().module().stop();
  delivering.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_EQ(result, "cancelled cancelled");
}

}  // namespace
}  // namespace observerd::testing
