#include "fixture.hpp"
#include "support/smtp_server.hpp"
#include "support/tls_front.hpp"

/// Encryption, login and international addresses, against the npm package smtp-server.
namespace observerd::testing {
namespace {

class EmailLogin : public EmailTest {
 protected:
  static void SetUpTestSuite() {
    authority_ = new TestAuthority;
    authority_->issue("mail", "DNS:localhost");
    authority_->issue("other", "DNS:elsewhere.example");
  }
  static void TearDownTestSuite() {
    delete authority_;
    authority_ = nullptr;
  }
  void SetUp() override {
    const std::string missing = MailServer::missing(MailServer::Kind::SmtpServer);
    if (!missing.empty()) GTEST_SKIP() << missing << ": nobody checks logins and encryption";
  }

  /// Starts the server with that certificate and these options, which need a leading comma, and
  /// opens the module for it.
  void serve(const std::string& certificate, const std::string& options, const std::string& more) {
    const auto parsed =
        json::parse(R"({"cert": )" + json::quote(authority_->certificate(certificate)) +
                        R"(, "key": )" + json::quote(authority_->key(certificate)) + options + "}",
                    Code::Configuration);
    ASSERT_TRUE(parsed);
    server_.emplace(MailServer::Kind::SmtpServer, *parsed);
    open_for(more);
  }
  void open_for(const std::string& more) {
    open(server_->port(),
         R"(, "connect_timeout": "20s", "ca_file": )" + json::quote(authority_->ca_file()) + more);
  }
  json::Value last() const {
    const auto mails = server_->mails();
    EXPECT_FALSE(mails.empty());
    return mails.empty() ? json::Value::object() : mails.back();
  }
  std::string last_login() const {
    const auto logins = server_->lines_with("login");
    return logins.empty() ? "" : logins.back().string_or("login");
  }

  static TestAuthority* authority_;
  std::optional<MailServer> server_;
};
TestAuthority* EmailLogin::authority_ = nullptr;

constexpr char kUsers[] = R"(, "users": {"shop": "pa\"ss wörd", "robot": "token-1"})";
constexpr char kPassword[] = R"(, "username": "shop", "password": "pa\"ss wörd")";

TEST_F(EmailLogin, StartTlsComesFirstAndThenTheLogin) {
  serve("mail", kUsers, kPassword);
  const auto result = send();
  ASSERT_EQ(summary(result), "delivered") << result.message;
  EXPECT_EQ(last_login(), "PLAIN");
  EXPECT_EQ(last().string_or("user"), "shop");
  EXPECT_TRUE(last().find("tls")->as_boolean());
  open_for(std::string(kPassword) + R"(, "auth": "login")");
  EXPECT_EQ(summary(send()), "delivered");
  EXPECT_EQ(last_login(), "LOGIN");
  open_for(R"(, "username": "robot", "token": "token-1", "auth": "xoauth2")");
  EXPECT_EQ(summary(send()), "delivered");
  EXPECT_EQ(last_login(), "XOAUTH2");
  EXPECT_EQ(last().string_or("user"), "robot");
}

TEST_F(EmailLogin, TlsFromTheFirstByte) {
  serve("mail", std::string(kUsers) + R"(, "implicit": true)",
        std::string(kPassword) + R"(, "security": "tls")");
  const auto result = send();
  EXPECT_EQ(summary(result), "delivered") << result.message;
  EXPECT_TRUE(last().find("tls")->as_boolean());
  std::string large(3'000'000, 'x');
  for (std::size_t i = 70; i < large.size(); i += 70) large[i] = '\n';
  EXPECT_EQ(summary(send(R"({"text": )" + json::quote(large) + "}")), "delivered");
  EXPECT_GT(octets_of(last()).size(), large.size());
}

TEST_F(EmailLogin, WhatIsWrongWithTheLoginIsMisconfigured) {
  serve("mail", kUsers, R"(, "username": "shop", "password": "wrong-password")");
  for (const char* more : {R"(, "username": "shop", "password": "wrong-password")",
                           R"(, "username": "shop", "password": "wrong-password", "auth": "login")",
                           R"(, "username": "robot", "token": "expired", "auth": "xoauth2")"}) {
    open_for(more);
    const auto result = send();
    const bool is_token = std::string(more).find("token") != std::string::npos;
    EXPECT_EQ(summary(result),
              is_token ? "misconfigured smtp_token_refused" : "misconfigured smtp_535")
        << more << result.message;
    EXPECT_EQ(result.message.find("wrong-password"), std::string::npos);
    EXPECT_EQ(result.message.find("expired"), std::string::npos);
  }
  open_for("");
  EXPECT_EQ(summary(send()), "misconfigured smtp_530") << "the server wants a login";
  serve("mail", "", kPassword);
  EXPECT_EQ(summary(send()), "misconfigured smtp_no_login") << "the server has none";
  EXPECT_TRUE(server_->mails().empty());
}

TEST_F(EmailLogin, WithoutEncryptionNothingIsSaid) {
  const auto parsed = json::parse("{}", Code::Configuration);
  server_.emplace(MailServer::Kind::SmtpServer, *parsed);
  open_for(kPassword);
  EXPECT_EQ(summary(send()), "misconfigured smtp_no_starttls");
  open_for(R"(, "security": "tls")");
  EXPECT_EQ(summary(send()), "retry tls_error");
  EXPECT_TRUE(server_->lines_with("login").empty());
  EXPECT_TRUE(server_->mails().empty());
}

TEST_F(EmailLogin, ACertificateMustBeValidForTheName) {
  serve("other", kUsers, kPassword);
  EXPECT_EQ(summary(send()), "misconfigured certificate_invalid") << "of another name";
  serve("mail", kUsers, kPassword);
  open(server_->port(), kPassword);
  EXPECT_EQ(summary(send()), "misconfigured certificate_invalid") << "of an unknown authority";
  serve("mail", std::string(kUsers) + R"(, "implicit": true)", "");
  open(server_->port(), std::string(kPassword) + R"(, "security": "tls")");
  EXPECT_EQ(summary(send()), "misconfigured certificate_invalid");
  EXPECT_TRUE(server_->lines_with("login").empty()) << "no password went out";
}

TEST_F(EmailLogin, AServerMayWantACertificate) {
  SmtpServer plain;
  const TlsFront front(*authority_, "mail", plain.port(), TlsFront::Client::WithCertificate);
  const std::string url = front.url("");
  const int port = std::stoi(url.substr(url.rfind(':') + 1));
  const std::string more =
      R"(, "security": "tls", "ca_file": )" + json::quote(authority_->ca_file());
  open(port, more);
  EXPECT_EQ(summary(send()).substr(0, 6), "retry ") << "without one";
  open(port, more + R"(, "client_cert_file": )" + json::quote(authority_->certificate("other")) +
                 R"(, "client_key_file": )" + json::quote(authority_->key("other")));
  EXPECT_EQ(summary(send()), "delivered");
  EXPECT_EQ(front.clients(), std::vector<std::string>{"other"});
}

TEST_F(EmailLogin, InternationalAddressesNeedTheServersConsent) {
  serve("mail", "", "");
  const std::string rendered = R"({"to": "Δοκιμή <δοκιμή@bücher.example>", "subject": "Käse"})";
  const auto result = send(rendered);
  ASSERT_EQ(summary(result), "delivered") << result.message;
  EXPECT_TRUE(last().find("utf8")->as_boolean());
  // It shows the domain in letters again.
  EXPECT_EQ(json::write(*last().find("to")), R"(["δοκιμή@bücher.example"])");
  const std::string octets = octets_of(last());
  EXPECT_NE(octets.find("To: Δοκιμή <δοκιμή@xn--bcher-kva.example>\r\n"), std::string::npos)
      << octets;
  EXPECT_NE(octets.find("Subject: Käse\r\n"), std::string::npos) << octets;
  serve("mail", R"(, "utf8": false)", "");
  EXPECT_EQ(summary(send(rendered)), "rejected smtp_no_smtputf8");
  EXPECT_EQ(summary(send(R"({"to": "Ann Ünal <ann@bücher.example>"})")), "delivered")
      << "a name and a domain can be told to any server";
  EXPECT_FALSE(last().find("utf8")->as_boolean());
}

TEST_F(EmailLogin, ConnectionsAreKeptForTheNextMail) {
  serve("mail", kUsers, std::string(kPassword) + R"(, "max_connections": 2)");
  const auto results = email().deliver_all(action(), std::vector<Delivery>(40));
  for (const auto& result : results) EXPECT_EQ(summary(result), "delivered") << result.message;
  EXPECT_EQ(server_->mails().size(), 40u);
  EXPECT_LE(server_->lines_with("connection").size(), 2u);
  EXPECT_EQ(email().services().metric_count("connect_seconds"),
            server_->lines_with("connection").size());
}

TEST_F(EmailLogin, ARestartedServerCostsAtMostTheMailUnderWay) {
  serve("mail", kUsers, kPassword);
  EXPECT_EQ(summary(send()), "delivered");
  server_->kill();
  EXPECT_EQ(summary(send()), "retry connection_refused");
  server_->restart();
  EXPECT_EQ(summary(send()), "delivered");
}

}  // namespace
}  // namespace observerd::testing
