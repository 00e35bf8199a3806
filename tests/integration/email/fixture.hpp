#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "support/mail_server.hpp"
#include "support/plugin/action_plugin.hpp"
#include "support/tls_server.hpp"

namespace observerd::testing {

/// Members of module settings for a server on this machine; `more` with a leading comma.
inline std::string mail_settings(int port, const std::string& more) {
  return R"({"host": "localhost", "port": )" + std::to_string(port) +
         R"(, "from": "Shop <shop@example.com>", "allow_addresses": ["127.0.0.0/8", "::1/128"])" +
         more + "}";
}

/// The built email plugin.
class EmailTest : public ::testing::Test {
 protected:
  /// What every mail of these tests has; `more` with a leading comma.
  static std::string action(const std::string& more = "") {
    return R"({"to": "ann@example.org", "subject": "Order 7", "text": "It was shipped.\n")" + more +
           "}";
  }
  void open(int port, const std::string& more = R"(, "security": "none")") {
    plugin_ = std::make_unique<ActionPlugin>("email", mail_settings(port, more));
  }
  /// Delivers a mail whose settings the host has rendered to these.
  plugin::ItemResult send(const std::string& rendered, const std::string& more = "") {
    Delivery delivery;
    delivery.settings = rendered;
    return email().deliver(action(more), delivery);
  }
  plugin::ItemResult send() { return send("{}"); }
  ActionPlugin& email() { return *plugin_; }

  std::unique_ptr<ActionPlugin> plugin_;
};

/// The same with a server that reads the mail with Python's own libraries.
class EmailReadTest : public EmailTest {
 protected:
  void SetUp() override {
    const std::string missing = MailServer::missing(MailServer::Kind::Aiosmtpd);
    if (!missing.empty()) GTEST_SKIP() << missing << ": nobody reads the mail";
  }
  /// Starts it with these options and opens the module for it.
  void serve(const std::string& options = "{}",
             const std::string& more = R"(, "security": "none")") {
    const auto parsed = json::parse(options, Code::Configuration);
    ASSERT_TRUE(parsed) << options;
    server_.emplace(MailServer::Kind::Aiosmtpd, *parsed);
    open(server_->port(), more);
  }
  /// The last message that the server took.
  json::Value last() const {
    const auto mails = server_->mails();
    EXPECT_FALSE(mails.empty());
    return mails.empty() ? json::Value::object() : mails.back();
  }
  /// A member of it by JSON pointer, as JSON; strings as their text.
  std::string of_last(const std::string& pointer) const {
    const json::Value mail = last();
    const json::Value* value = json::at_pointer(mail, pointer);
    if (value == nullptr) return "(nothing)";
    return value->is_string() ? value->text() : json::write(*value);
  }

  std::optional<MailServer> server_;
};

}  // namespace observerd::testing
