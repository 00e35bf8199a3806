#include <algorithm>

#include "fixture.hpp"
#include "support/smtp_server.hpp"

/// Several recipients, each with an outcome of its own, and what an event must not be able to do.
namespace observerd::testing {
namespace {

using Then = SmtpAnswer::Then;

class EmailRecipients : public EmailTest {
 protected:
  void SetUp() override { open(server_.port()); }

  static std::string three() {
    return R"({"to": ["a@example.org", "b@example.org"], "cc": "c@example.org"})";
  }
  /// How often a recipient was named by RCPT, and its message taken.
  std::size_t asked(const std::string& who) const {
    return server_.count("RCPT TO:<" + who + "@example.org>");
  }
  void refuse(const std::string& who, const std::string& line, int times = 1'000'000) {
    server_.when("RCPT TO:<" + who + "@example.org>", SmtpAnswer::line(line), times);
  }

  SmtpServer server_;
};

TEST_F(EmailRecipients, EachIsNamedOnceInOneTransaction) {
  EXPECT_EQ(summary(send(R"({"to": ["a@example.org", "A <a@EXAMPLE.org>"], "cc": "a@example.org",)"
                         R"( "bcc": ["b@example.org"]})")),
            "delivered");
  EXPECT_EQ(server_.lines(),
            (std::vector<std::string>{"(connect)", server_.lines().at(1),
                                      "MAIL FROM:<shop@example.com>", "RCPT TO:<a@example.org>",
                                      "RCPT TO:<b@example.org>", "DATA", "(message)"}));
}

TEST_F(EmailRecipients, ThoseWhoTookItAreLeftOutOfTheNextAttempt) {
  refuse("b", "450 4.2.1 greylisted", 1);
  const auto first = send(three());
  EXPECT_EQ(summary(first), "retry smtp_partly_deferred");
  EXPECT_NE(first.message.find("2 took it; not taken by b@example.org (450 4.2.1 greylisted)"),
            std::string::npos)
      << first.message;
  EXPECT_EQ(summary(send(three())), "delivered");
  EXPECT_EQ(asked("a"), 1u);
  EXPECT_EQ(asked("b"), 2u);
  EXPECT_EQ(asked("c"), 1u);
  EXPECT_EQ(server_.messages().size(), 2u);
  EXPECT_EQ(email().services().metric_sum("recipients_total{answer=taken}"), 3);
  EXPECT_EQ(email().services().metric_sum("recipients_total{answer=deferred}"), 1);
}

TEST_F(EmailRecipients, ARefusalIsADeadLetterAfterThoseThatWait) {
  refuse("a", "550 5.1.1 no such user");
  refuse("b", "451 4.3.0 later", 1);
  EXPECT_EQ(summary(send(three())), "retry smtp_partly_deferred");
  const auto second = send(three());
  EXPECT_EQ(summary(second), "rejected smtp_partly_refused");
  EXPECT_NE(second.message.find("2 took it; not taken by a@example.org (550 5.1.1 no such user)"),
            std::string::npos)
      << second.message;
  EXPECT_EQ(asked("c"), 1u);
  EXPECT_EQ(summary(send(three())), "rejected smtp_partly_refused");
  EXPECT_EQ(asked("a"), 3u);
  EXPECT_EQ(asked("b"), 2u) << "a later attempt asks only the one that refused";
}

TEST_F(EmailRecipients, WithoutAnyTakerTheCodeIsTheServers) {
  refuse("", "550 5.1.1 nobody");
  server_.when("RCPT", SmtpAnswer::line("550 5.1.1 nobody"));
  EXPECT_EQ(summary(send(three())), "rejected smtp_550");
  EXPECT_EQ(server_.messages().size(), 0u);
  refuse("c", "450 4.2.1 later");
  EXPECT_EQ(summary(send(three())), "retry smtp_450");
}

TEST_F(EmailRecipients, TooManyAtATimeGetATransactionEach) {
  server_.when("RCPT", SmtpAnswer::line("452 4.5.3 too many recipients"));
  for (const char* who : {"a", "b", "c"}) refuse(who, "250 OK", 1);
  server_.when("RCPT TO:<c@example.org>", SmtpAnswer::line("250 OK"), 1);
  refuse("c", "452 4.5.3 too many recipients", 1);
  EXPECT_EQ(summary(send(three())), "delivered");
  EXPECT_EQ(server_.messages().size(), 2u);
  EXPECT_EQ(asked("c"), 2u);
  EXPECT_EQ(server_.count(SmtpServer::kConnect), 1u);
}

TEST_F(EmailRecipients, WithoutPipeliningOneAtATime) {
  server_.when("EHLO", SmtpAnswer::line("250 test"));
  refuse("b", "450 4.2.1 later");
  EXPECT_EQ(summary(send(three())), "retry smtp_partly_deferred");
  server_.when("MAIL", SmtpAnswer::line("451 4.3.0 later"), 1);
  const std::size_t before = server_.count("RCPT");
  EXPECT_EQ(summary(send(three())), "retry smtp_451");
  EXPECT_EQ(server_.count("RCPT"), before);
}

TEST_F(EmailRecipients, WhatTheServerSaysItTakesIsHeeded) {
  server_.when("EHLO", SmtpAnswer::line("250-test\r\n250 SIZE 600"));
  EXPECT_EQ(summary(send()), "delivered");
  EXPECT_EQ(server_.count("MAIL FROM:<shop@example.com> SIZE="), 1u);
  const auto result = send(R"({"text": ")" + std::string(700, 'x') + R"("})");
  EXPECT_EQ(summary(result), "rejected smtp_too_large");
  EXPECT_EQ(server_.count("MAIL"), 1u);
}

// What an event holds, put into every place that a template can fill.
TEST_F(EmailRecipients, NothingInAnEventAddsARecipientAHeaderOrACommand) {
  const std::vector<std::string> evil = {"a@example.org\r\nRCPT TO:<eve@example.net>",
                                         "a@example.org\nRCPT TO:<eve@example.net>",
                                         "a@example.org>\r\nRCPT TO:<eve@example.net",
                                         "<a@example.org>, <eve@example.net>, x",
                                         "a@example.org, eve@example.net",
                                         "a@example.org;eve@example.net",
                                         "a@example.org> SIZE=1",
                                         "a@example.org> NOTIFY=NEVER ORCPT=rfc822;x",
                                         "<@relay.example:a@example.org",
                                         "a@example.org (comment)",
                                         "a b@example.org",
                                         "a@exa mple.org",
                                         "a@example.org\xc2\x85x",
                                         std::string("a@example.org\0eve@example.net", 30),
                                         "friends: a@example.org, b@example.org;",
                                         "\"a\r\nb\"@example.org",
                                         "a@[127.0.0.1]\r\n",
                                         "a@example.org\x7f",
                                         "@example.org",
                                         "\"a>, <eve@example.net\"@example.org",
                                         "a@",
                                         "a@b@",
                                         std::string(70, 'a') + "@example.org",
                                         "a@" + std::string(70, 'a') + ".org",
                                         "a@-example.org",
                                         "a@exa_mple.org"};
  for (const std::string& text : evil) {
    for (const char* member : {"to", "cc", "bcc", "reply_to", "from"}) {
      const std::string rendered =
          R"({")" + std::string(member) + R"(": )" + json::quote(text) + "}";
      EXPECT_EQ(summary(send(rendered)), "rejected email_bad_address") << member << " " << text;
      const std::string listed =
          R"({")" + std::string(member) + R"(": [)" + json::quote(text) + "]}";
      EXPECT_EQ(summary(send(listed)), "rejected email_bad_address") << member << " " << text;
    }
    EXPECT_EQ(summary(send(R"({"headers": {"X-A": )" + json::quote("v\r\n" + text) + "}}")),
              "rejected email_bad_header");
  }
  EXPECT_EQ(server_.lines().size(), 0u) << "nothing of it was sent";
}

TEST_F(EmailRecipients, TextsOfAllKindsStayInTheirPlace) {
  const std::string evil = ".\r\nMAIL FROM:<eve@example.net>\r\nRCPT TO:<eve@example.net>\r\n";
  const std::string dots = "x\n.\nMAIL FROM:<eve@example.net>\n.\r.\r\n.\r\n..\r\n";
  const auto result =
      send(R"({"text": )" + json::quote(dots) + R"(, "html": )" + json::quote(evil) +
           R"(, "subject": )" + json::quote("s\r\n" + evil) + R"(, "attachments": [{"name": )" +
           json::quote(evil) + R"(, "content": )" + json::quote(evil) + "}]}");
  EXPECT_EQ(summary(result), "delivered") << result.message;
  EXPECT_EQ(server_.count("MAIL"), 1u);
  EXPECT_EQ(server_.count("RCPT"), 1u);
  EXPECT_EQ(server_.count("QUIT"), 0u);
  EXPECT_EQ(server_.lines().size(), 6u);
  ASSERT_EQ(server_.messages().size(), 1u);
  const std::string message = server_.messages().front();
  std::string without_pairs;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const bool is_pair = message.compare(i, 2, "\r\n") == 0;
    if (!is_pair) without_pairs += message[i];
    i += is_pair;
  }
  EXPECT_EQ(without_pairs.find_first_of("\r\n"), std::string::npos) << "a bare CR or LF";
}

TEST_F(EmailRecipients, AnEventWithoutRecipientsIsADeadLetter) {
  EXPECT_EQ(summary(send(R"({"to": ""})")), "rejected email_no_recipient");
  EXPECT_EQ(summary(send(R"({"to": [null, " ", []]})")), "rejected email_no_recipient");
  EXPECT_EQ(summary(send(R"({"to": [7]})")), "rejected email_bad_address");
  json::Value many = json::Value::array();
  for (int i = 0; i < 1'001; ++i) {
    many.push_back(json::Value::string("a" + std::to_string(i) + "@example.org"));
  }
  EXPECT_EQ(summary(send(R"({"to": [)" + json::write(many) + "]}")),
            "rejected email_too_many_recipients");
  EXPECT_EQ(summary(send(R"({"attachments": [{"name": "x", "content": "?", "encoding": "hex"}]})")),
            "rejected email_bad_attachment");
  EXPECT_EQ(server_.lines().size(), 0u);
}

TEST_F(EmailRecipients, OddButGoodAddressesAreTaken) {
  for (const auto& [text, sent] : std::vector<std::pair<std::string, std::string>>{
           {"O'Neil+tag@example.org", "O'Neil+tag@example.org"},
           {"\"a b\"@example.org", "\"a b\"@example.org"},
           {"\"dot..dot\"@Example.ORG", "\"dot..dot\"@example.org"},
           {"\"plain\"@example.org", "plain@example.org"},
           {"x@[192.0.2.1]", "x@[192.0.2.1]"},
           {"x@[IPv6:2001:db8::1]", "x@[ipv6:2001:db8::1]"},
           {" <x@xn--bcher-kva.example> ", "x@xn--bcher-kva.example"},
           {"x@Bücher.example", "x@xn--bcher-kva.example"},
           {"x@faß.de", "x@xn--fa-hia.de"}}) {
    const auto result = send(R"({"to": )" + json::quote(text) + "}");
    EXPECT_EQ(summary(result), "delivered") << text << ": " << result.message;
    const auto lines = server_.lines();
    EXPECT_EQ(lines.at(lines.size() - 3), "RCPT TO:<" + sent + ">") << text;
  }
}

}  // namespace
}  // namespace observerd::testing
