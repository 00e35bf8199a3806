#include <algorithm>
#include <set>
#include <thread>

#include "fixture.hpp"
#include "support/eventually.hpp"
#include "support/postfix_server.hpp"

/// Through Postfix, which passes everything on to a server that reads it. Both are started once.
namespace observerd::testing {
namespace {

struct Postfix {
  Postfix() {
    authority.issue("mx", "DNS:localhost");
    reader.emplace(MailServer::Kind::Aiosmtpd, json::Value::object());
    server.emplace(authority, "mx", reader->port());
  }
  TestAuthority authority;
  std::optional<MailServer> reader;
  std::optional<PostfixServer> server;
};

class EmailPostfix : public EmailTest {
 protected:
  static void TearDownTestSuite() { postfix_.reset(); }
  void SetUp() override {
    std::string missing = PostfixServer::missing();
    if (missing.empty()) missing = MailServer::missing(MailServer::Kind::Aiosmtpd);
    if (!missing.empty()) GTEST_SKIP() << missing << ": nothing goes through Postfix";
    if (postfix_ == nullptr) postfix_ = std::make_unique<Postfix>();
    open(postfix_->server->port(),
         R"(, "connect_timeout": "20s", "ca_file": )" + json::quote(postfix_->authority.ca_file()));
  }
  plugin::ItemResult send_as(const std::string& id, const std::string& rendered) {
    Delivery delivery;
    delivery.id = id;
    delivery.settings = rendered;
    return email().deliver(action(), delivery);
  }
  /// The messages that have come through with that delivery id.
  static std::vector<json::Value> arrived(const std::string& id) {
    std::vector<json::Value> found = postfix_->reader->mails();
    std::erase_if(found, [&](const json::Value& mail) {
      return json::at_pointer(mail, "/headers/Message-ID")->text() != "<" + id + "@example.com>";
    });
    return found;
  }
  static std::string log() { return postfix_->server->log(); }

  static std::unique_ptr<Postfix> postfix_;
};
std::unique_ptr<Postfix> EmailPostfix::postfix_;

TEST_F(EmailPostfix, TakesWhatIsSentAndPassesItOnUnharmed) {
  const auto result = send_as(
      "whole",
      R"({"to": "Zoë <zoe@bücher.example>", "subject": "Käse", "text": ".\n..\nFrom x\n€\n",)"
      R"( "html": "<p>€</p>", "attachments": [{"name": "ä.txt", "content": "x"}]})");
  ASSERT_EQ(summary(result), "delivered") << result.message << log();
  EXPECT_NE(result.remote_id.find("queued as"), std::string::npos) << result.remote_id;
  ASSERT_TRUE(eventually([] { return arrived("whole").size() == 1; })) << log();
  const json::Value mail = arrived("whole").front();
  const auto member = [&](const char* pointer) {
    const json::Value* value = json::at_pointer(mail, pointer);
    if (value == nullptr) return std::string("(nothing)");
    return value->is_string() ? value->text() : json::write(*value);
  };
  EXPECT_EQ(member("/to"), R"(["zoe@xn--bcher-kva.example"])");
  EXPECT_EQ(member("/addresses/To"), R"([["Zoë","zoe@xn--bcher-kva.example"]])");
  EXPECT_EQ(member("/parts/0/text"), ".\r\n..\r\nFrom x\r\n€\r\n");
  EXPECT_EQ(member("/parts/2/name"), "ä.txt");
  EXPECT_EQ(member("/defects"), "[]");
  EXPECT_NE(log().find("TLS connection established from"), std::string::npos) << log();
}

TEST_F(EmailPostfix, EachRecipientHasItsAnswer) {
  EXPECT_EQ(summary(send_as("a", R"({"to": "no@example.org"})")), "rejected smtp_550");
  EXPECT_EQ(summary(send_as("b", R"({"to": "busy@example.org"})")), "retry smtp_450");
  const std::string both = R"({"to": ["ann@example.org", "busy@example.org"]})";
  EXPECT_EQ(summary(send_as("c", both)), "retry smtp_partly_deferred");
  EXPECT_EQ(summary(send_as("c", both)), "retry smtp_partly_deferred");
  EXPECT_EQ(summary(send_as("d", R"({"to": ["bob@example.org", "no@example.org"]})")),
            "rejected smtp_partly_refused");
  EXPECT_EQ(summary(send_as("e", R"({"text": ")" + std::string(110'000, 'x') + R"("})")),
            "rejected smtp_too_large");
  ASSERT_TRUE(eventually([] { return !arrived("c").empty() && !arrived("d").empty(); })) << log();
  EXPECT_EQ(json::write(*arrived("c").front().find("to")), R"(["ann@example.org"])");
  EXPECT_EQ(json::write(*arrived("d").front().find("to")), R"(["bob@example.org"])");
  EXPECT_EQ(arrived("c").size(), 1u) << "Ann got it once";
}

TEST_F(EmailPostfix, NothingIsLostWhenItIsRestartedInTheMiddle) {
  std::set<std::string> open;
  for (int i = 0; i < 25; ++i) open.insert("restart-" + std::to_string(i));
  const std::set<std::string> all = open;
  std::thread restarting([&] {
    EXPECT_TRUE(eventually([] { return !arrived("restart-0").empty(); }));
    postfix_->server->restart();
  });
  const auto try_all = [&] {
    std::vector<Delivery> deliveries;
    for (const std::string& id : open) {
      deliveries.emplace_back();
      deliveries.back().id = id;
    }
    const auto results = email().deliver_all(action(), deliveries);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto outcome = results[i].outcome;
      if (outcome == plugin::Outcome::Delivered) open.erase(deliveries[i].id);
      EXPECT_TRUE(outcome == plugin::Outcome::Delivered || outcome == plugin::Outcome::Retry ||
                  outcome == plugin::Outcome::Throttled)
          << summary(results[i]) << " " << results[i].message;
    }
    return open.empty();
  };
  EXPECT_TRUE(eventually(try_all));
  restarting.join();
  const auto all_arrived = [&] {
    std::set<std::string> ids;
    for (const json::Value& mail : postfix_->reader->mails()) {
      ids.insert(json::at_pointer(mail, "/headers/Message-ID")->text());
    }
    return std::all_of(all.begin(), all.end(), [&](const std::string& id) {
      return ids.count("<" + id + "@example.com>") != 0;
    });
  };
  EXPECT_TRUE(eventually(all_arrived)) << log();
}

}  // namespace
}  // namespace observerd::testing
