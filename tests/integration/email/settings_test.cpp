#include "fixture.hpp"
#include "support/loopback.hpp"
#include "support/readme.hpp"
#include "support/smtp_server.hpp"
#include "templates/settings_template.hpp"
#include "unit/templates/render_with.hpp"

/// What the settings say and how the host renders them; previews and probes.
namespace observerd::testing {
namespace {

class EmailSettings : public EmailTest {
 protected:
  void SetUp() override { open(server_.port()); }

  /// What the host gives to deliver for an action as it stands in a configuration, for a row.
  static std::string rendered(const std::string& action, const std::string& row) {
    const auto settings = json::parse(action, Code::Configuration);
    const plugin::ActionType* type = built_plugins().find("email");
    Diagnostics diagnostics;
    const auto compiled =
        templates::SettingsTemplate::compile(*settings, type->action_schema, diagnostics);
    for (const Status& error : diagnostics.errors()) ADD_FAILURE() << error.to_string();
    const Event event = templates::event_with(row);
    const auto value = compiled.render(templates::context_of(event), templates::Missing::Error);
    return value ? json::write(*value) : value.status().to_string();
  }
  plugin::ItemResult send_configured(const std::string& configured, const std::string& row) {
    const std::string action = resolved_settings("email", configured);
    Delivery delivery;
    delivery.settings = rendered(action, row);
    return email().deliver(action, delivery);
  }
  std::string message() const {
    const auto messages = server_.messages();
    return messages.empty() ? "" : messages.back();
  }

  SmtpServer server_;
};

constexpr const char* kReadmeRow =
    R"({"id": 42, "total": 99.50, "number": "R-7", "document": "\\x255044462d",)"
    R"( "recipients": ["Ann <ann@example.org>", "bob@example.org"],)"
    R"( "customer": {"name": "Zoë <z>", "email": "zoe@example.org"}})";

TEST_F(EmailSettings, TheExamplesOfTheReadmeAreDelivered) {
  const auto examples = readme_blocks("email");
  ASSERT_EQ(examples.size(), 3u);
  const std::string row = kReadmeRow;
  EXPECT_EQ(summary(send_configured(settings_of(examples[0]), row)), "delivered");
  EXPECT_NE(message().find("<zoe@example.org>\r\n"), std::string::npos);
  EXPECT_NE(message().find("Subject: Order 42 shipped\r\n"), std::string::npos);
  EXPECT_NE(message().find("Zo=C3=AB &lt;z&gt;"), std::string::npos) << message();
  EXPECT_EQ(summary(send_configured(settings_of(examples[2]), row)), "delivered");
  const auto lines = server_.lines();
  for (const char* who :
       {"sales@example.com", "ann@example.org", "bob@example.org", "archive@example.com"}) {
    EXPECT_EQ(server_.count("RCPT TO:<" + std::string(who) + ">"), 1u) << who;
  }
  EXPECT_NE(message().find("filename=\"invoice-R-7.pdf\""), std::string::npos) << message();
  EXPECT_NE(message().find("\r\nJVBERi0=\r\n"), std::string::npos) << message();
}

TEST_F(EmailSettings, TheReadmesConfigurationIsComplete) {
  const auto examples = readme_blocks("email");
  ReadmeTrial trial;
  trial.set_variable("SMTP_PASSWORD", "s3cret");
  trial.configure(examples.at(1));
  const std::string shown = trial.shown(
      {examples.at(0), examples.at(2)},
      std::string(R"({"kind": "insert", "entity": "Order", "new": )") + kReadmeRow + "}");
  for (const char* part : {"smtp.example.com", "From: Shop <shop@example.com>",
                           "Subject: Order 42 shipped", "Subject: Invoice R-7"}) {
    EXPECT_NE(shown.find(part), std::string::npos) << part << "\nis not in\n" << shown;
  }
  EXPECT_EQ(shown.find("s3cret"), std::string::npos) << shown;
}

TEST_F(EmailSettings, AValueIsEscapedForItsPlace) {
  const std::string row = R"({"x": "<b>\"&\r\nBcc: eve@example.net"})";
  EXPECT_EQ(rendered(R"({"to": "a@b.example", "subject": "{{ x }}", "html": "{{ x }}"})", row),
            R"({"to":"a@b.example","subject":"<b>\"&\r\nBcc: eve@example.net",)"
            R"("html":"&lt;b&gt;&quot;&amp;\r\nBcc: eve@example.net"})");
  for (const char* action :
       {R"({"to": "{{ x }}", "subject": "s", "text": "t"})",
        R"({"to": "a@b.example", "from": "{{ x }}", "subject": "s", "text": "t"})",
        R"({"to": "a@b.example", "subject": "s", "text": "t", "headers": {"X-A": "{{ x }}"}})"}) {
    EXPECT_EQ(rendered(action, row).substr(0, 5), "OB008") << action;
  }
}

TEST_F(EmailSettings, TheModuleSaysWhatIsWrongAllAtOnce) {
  const auto problems = ActionPlugin::open_problems(
      "email",
      R"({"host": "not a host", "from": "nobody", "envelope_from": "x y@z", "username": "u",)"
      R"( "security": "none", "ca_file": "/nonexistent", "allow_addresses": ["all"],)"
      R"( "dkim_domain": "example.com", "dkim_selector": "s", "dkim_key": "no key"})");
  std::string all;
  for (const std::string& problem : problems) all += problem + "\n";
  for (const char* pointer : {"/host: ", "/from: ", "/envelope_from: ", "/password: ",
                              "/security: ", "/ca_file: ", "/allow_addresses/0: ", "/dkim_key: "}) {
    EXPECT_NE(("\n" + all).find("\n" + std::string(pointer)), std::string::npos) << pointer << all;
  }
  EXPECT_EQ(problems.size(), 8u) << all;
  EXPECT_EQ(all.find("no key"), std::string::npos);
  EXPECT_EQ(ActionPlugin::open_problems("email", R"({"host": "[::1]:25"})").size(), 1u);
  EXPECT_EQ(
      ActionPlugin::open_problems("email", R"({"host": "a", "dkim_domain": "b.example"})").size(),
      1u);
  EXPECT_EQ(
      ActionPlugin::open_problems("email", R"({"host": "a", "auth": "xoauth2", "username": "u"})")
          .front()
          .substr(0, 7),
      "/token:");
  for (const char* good :
       {R"({"host": "::1"})", R"({"host": "192.0.2.1"})", R"({"host": "Bücher.example"})",
        R"({"host": "a", "username": "u", "password": "p"})"}) {
    EXPECT_TRUE(ActionPlugin::open_problems("email", good).empty()) << good;
  }
}

TEST_F(EmailSettings, AnActionSaysWhatIsWrongAllAtOnce) {
  const auto problems = email().bind_problems(
      R"({"to": ["good@example.org", "bad", "{{ open }}"], "cc": "a@b, c@d", "from": "<>",)"
      R"( "subject": "s", "headers": {"Subject": "x", "Content-Type": "x", "bad name": "x",)"
      R"( "X-Good": "x"}})");
  std::string all;
  for (const std::string& problem : problems) all += problem + "\n";
  for (const char* pointer : {"/to/1: ", "/cc: ", "/from: ", "/headers/Subject: ",
                              "/headers/Content-Type: ", "/headers/bad name: ", ": text or html"}) {
    EXPECT_NE(("\n" + all).find("\n" + std::string(pointer)), std::string::npos) << pointer << all;
  }
  EXPECT_EQ(problems.size(), 7u) << all;
  ActionPlugin nameless("email", R"({"host": "localhost"})");
  EXPECT_EQ(nameless.bind_problems(action()).front().substr(0, 6), "/from:");
}

TEST_F(EmailSettings, ThePreviewIsTheMailToTheLetter) {
  Delivery delivery;
  delivery.settings = R"({"to": "Ann <ann@example.org>", "bcc": "bob@example.org"})";
  const std::string preview = email().preview(action(), delivery);
  EXPECT_EQ(server_.lines().size(), 0u) << "it connects to nobody";
  EXPECT_EQ(summary(send(delivery.settings)), "delivered");
  const std::string envelope = "smtp://localhost:" + std::to_string(server_.port()) +
                               "\r\nMAIL FROM:<shop@example.com>\r\nRCPT TO:<ann@example.org>\r\n"
                               "RCPT TO:<bob@example.org>\r\n\r\n";
  const auto without_date = [](const std::string& text) {
    return text.substr(text.find("\r\nFrom: "));
  };
  ASSERT_EQ(preview.substr(0, envelope.size()), envelope);
  EXPECT_EQ(without_date(preview), without_date(message()));
  delivery.settings = R"({"to": "nobody"})";
  EXPECT_EQ(email().preview(action(), delivery).substr(0, 18), "email_bad_address:");
}

TEST_F(EmailSettings, TheProbeConnectsAndLogsInAndSendsNothing) {
  const auto bound = email().bind(action());
  bool has_probe = false;
  EXPECT_TRUE(email().module().probe(*bound, has_probe).ok());
  EXPECT_TRUE(has_probe);
  EXPECT_EQ(server_.count("EHLO"), 1u);
  EXPECT_EQ(server_.count("MAIL"), 0u);
  EXPECT_TRUE(server_.wait_for("QUIT"));
  server_.when(SmtpServer::kConnect, SmtpAnswer::line("554 5.7.1 not you"));
  const Status refused = email().module().probe(*bound, has_probe);
  EXPECT_NE(refused.to_string().find("smtp_554"), std::string::npos) << refused.to_string();
  open(free_port());
  const auto again = email().bind(action());
  const Status nobody = email().module().probe(*again, has_probe);
  EXPECT_NE(nobody.to_string().find("connection_refused"), std::string::npos);
}

TEST_F(EmailSettings, TheEnvelopeAndTheGreetingCanBeSet) {
  open(server_.port(), R"(, "security": "none", "envelope_from": "bounces@example.net",)"
                       R"( "hello_name": "[192.0.2.7]")");
  EXPECT_EQ(
      summary(send(R"({"from": "Billing <billing@example.com>"})", R"(, "from": "{{ from }}")")),
      "delivered");
  EXPECT_EQ(server_.lines().at(1), "EHLO [192.0.2.7]");
  EXPECT_EQ(server_.lines().at(2), "MAIL FROM:<bounces@example.net>");
  EXPECT_NE(message().find("\r\nFrom: Billing <billing@example.com>\r\n"), std::string::npos);
}

TEST_F(EmailSettings, ConnectionsAreSaidGoodbye) {
  EXPECT_EQ(summary(send()), "delivered");
  email().module().stop();
  EXPECT_TRUE(server_.wait_for("QUIT"));
  EXPECT_EQ(summary(send()), "cancelled cancelled");
  EXPECT_EQ(email().services().metric_sum("connections_total{use=new}"), 1);
}

}  // namespace
}  // namespace observerd::testing
