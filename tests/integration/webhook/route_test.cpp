#include "base/json.hpp"
#include "fixture.hpp"
#include "support/tls_front.hpp"

/// What one action has otherwise than its module: certificate, authorities, proxy, limits.
namespace observerd::testing {
namespace {

class WebhookRoute : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    authority_ = std::make_unique<TestAuthority>();
    authority_->issue("good", "IP:127.0.0.1,DNS:localhost");
    authority_->issue("alice", "DNS:alice.example");
    authority_->issue("bob", "DNS:bob.example");
    stranger_ = std::make_unique<TestAuthority>();
    stranger_->issue("mallory", "DNS:mallory.example");
    stranger_->issue("good", "IP:127.0.0.1");
  }
  static void TearDownTestSuite() {
    authority_.reset();
    stranger_.reset();
  }
  static std::string module(const std::string& more = "") {
    return local_settings(R"(, "ca_file": )" + json::quote(authority_->ca_file()) + more);
  }
  static std::string certificate(const TestAuthority& authority, const std::string& name) {
    return R"(, "client_cert_file": )" + json::quote(authority.certificate(name)) +
           R"(, "client_key_file": )" + json::quote(authority.key(name));
  }
  static std::unique_ptr<TestAuthority> authority_, stranger_;
};
std::unique_ptr<TestAuthority> WebhookRoute::authority_, WebhookRoute::stranger_;

TEST_F(WebhookRoute, EachActionShowsItsOwnCertificateAndSharesNoConnection) {
  HttpServer server;
  const TlsFront front(*authority_, "good", server.port());
  Webhook webhook(module(certificate(*authority_, "alice")));
  const std::string url = front.url();
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(summary(webhook.deliver(action(url))), "delivered");
    EXPECT_EQ(summary(webhook.deliver(action(url, certificate(*authority_, "bob")))), "delivered");
  }
  EXPECT_EQ(front.clients(), (std::vector<std::string>{"alice", "bob"}))
      << "one connection each, kept";
}

TEST_F(WebhookRoute, WithoutACertificateNoConnectionOfOneWithIsUsed) {
  HttpServer server;
  const TlsFront front(*authority_, "good", server.port(), TlsFront::Client::WithCertificate);
  Webhook webhook(module());
  EXPECT_EQ(summary(webhook.deliver(action(front.url(), certificate(*authority_, "alice")))),
            "delivered");
  EXPECT_EQ(webhook.deliver(action(front.url())).outcome, plugin::Outcome::Retry);
  EXPECT_EQ(webhook.deliver(action(front.url(), certificate(*stranger_, "mallory"))).outcome,
            plugin::Outcome::Retry)
      << "a certificate of another authority";
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(front.clients(), std::vector<std::string>{"alice"});
}

TEST_F(WebhookRoute, ARenewedCertificateIsShownFromTheNextConnectionOn) {
  HttpServer server;
  HttpReply closing(200);
  closing.then = HttpReply::Then::Close;
  server.always(closing);
  const TlsFront front(*authority_, "good", server.port());
  const TestFolder folder;
  const auto put = [&](const std::string& name) {
    const auto over = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(authority_->certificate(name), folder.file("own.pem"), over);
    std::filesystem::copy_file(authority_->key(name), folder.file("own.key"), over);
  };
  put("alice");
  Webhook webhook(module(R"(, "client_cert_file": )" + json::quote(folder.file("own.pem")) +
                         R"(, "client_key_file": )" + json::quote(folder.file("own.key"))));
  EXPECT_EQ(summary(webhook.deliver(action(front.url()))), "delivered");
  put("bob");
  EXPECT_EQ(summary(webhook.deliver(action(front.url()))), "delivered");
  EXPECT_EQ(front.clients(), (std::vector<std::string>{"alice", "bob"}));
}

TEST_F(WebhookRoute, AnActionCanTrustAnotherAuthority) {
  HttpServer server;
  const TlsFront front(*stranger_, "good", server.port());
  Webhook webhook(module());
  EXPECT_EQ(summary(webhook.deliver(action(front.url()))), "misconfigured certificate_invalid");
  const std::string more = R"(, "ca_file": )" + json::quote(stranger_->ca_file());
  EXPECT_EQ(summary(webhook.deliver(action(front.url(), more))), "delivered");
  EXPECT_EQ(summary(webhook.deliver(action(front.url()))), "misconfigured certificate_invalid")
      << "the connection that the other action trusts is not used";
}

TEST_F(WebhookRoute, ServersMisbehaveOverTlsToo) {
  HttpServer server;
  const TlsFront front(*authority_, "good", server.port());
  Webhook webhook(module());
  const std::pair<HttpReply, const char*> cases[] = {
      {HttpReply::truncated(), "retry truncated_answer"},
      {HttpReply::closed(), "retry connection_reset"},
      {HttpReply::bytes("nonsense\r\n\r\n"), "retry malformed_answer"},
      {HttpReply(503).with("Retry-After", "7"), "throttled http_503"},
      {HttpReply(200), "delivered"}};
  for (const auto& [reply, expected] : cases) {
    server.always(reply);
    Webhook fresh(module());
    EXPECT_EQ(summary(fresh.deliver(action(front.url()))), expected);
  }
}

TEST_F(WebhookRoute, AnActionHasItsOwnProxyOrNone) {
  HttpServer module_proxy;
  HttpServer own_proxy;
  HttpServer receiver;
  Webhook webhook(module(R"(, "proxy": )" + json::quote(module_proxy.url(""))));
  const std::string url = "http://receiver.invalid/x";
  EXPECT_EQ(summary(webhook.deliver(action(url))), "delivered");
  EXPECT_EQ(module_proxy.request(0).target, url);
  const std::string own = R"(, "proxy": )" + json::quote(own_proxy.url(""));
  EXPECT_EQ(summary(webhook.deliver(action(url, own))), "delivered");
  EXPECT_EQ(own_proxy.request(0).target, url);
  EXPECT_EQ(summary(webhook.deliver(action(receiver.url("/y"), R"(, "proxy": "direct")"))),
            "delivered");
  EXPECT_EQ(receiver.request(0).target, "/y");
  EXPECT_EQ(module_proxy.requests().size(), 1U);
}

TEST_F(WebhookRoute, AnActionWithoutAProxyIsHeldToTheAddressRules) {
  HttpServer proxy;
  HttpServer receiver;
  Webhook webhook(R"({"allow_http": true, "proxy": )" + json::quote(proxy.url("")) + "}");
  EXPECT_EQ(summary(webhook.deliver(action(receiver.url(), R"(, "proxy": "direct")"))),
            "misconfigured address_refused");
  EXPECT_EQ(receiver.connections(), 0);
}

TEST_F(WebhookRoute, TheProxyItselfCanSpeakTls) {
  HttpServer proxy;
  const TlsFront front(*authority_, "good", proxy.port());
  Webhook webhook(
      module(certificate(*authority_, "alice") + R"(, "proxy": )" + json::quote(front.url(""))));
  EXPECT_EQ(summary(webhook.deliver(action("http://receiver.invalid/x"))), "delivered");
  EXPECT_EQ(proxy.request(0).target, "http://receiver.invalid/x");
  EXPECT_EQ(front.clients(), std::vector<std::string>{""})
      << "the client certificate is for receivers";
  const TlsFront other(*stranger_, "good", proxy.port());
  EXPECT_EQ(summary(webhook.deliver(action("http://receiver.invalid/x",
                                           R"(, "proxy": )" + json::quote(other.url(""))))),
            "misconfigured certificate_invalid");
}

TEST_F(WebhookRoute, AnActionReadsAsMuchOfAnAnswerAsItWants) {
  HttpServer server;
  server.always(HttpReply(404, "0123456789"));
  Webhook webhook(module());
  const auto little = webhook.deliver(action(server.url(), R"(, "max_response_bytes": 4)"));
  EXPECT_EQ(little.message, "HTTP 404: 0123");
  EXPECT_EQ(webhook.deliver(action(server.url())).message, "HTTP 404: 0123456789");
}

TEST_F(WebhookRoute, DifferentWaysToOneDestinationAreDifferentLanes) {
  Webhook webhook(module());
  const auto lane = [&](const std::string& more) {
    return webhook.bind(action("https://h.example/x", more))->lane_key();
  };
  EXPECT_EQ(lane(""), "https://h.example:443");
  EXPECT_EQ(lane(R"(, "connect_timeout": "1s")"), "https://h.example:443");
  EXPECT_EQ(lane(R"(, "proxy": "http://u:hunter2@p:3128")"),
            "https://h.example:443 (proxy p:3128)");
  EXPECT_NE(lane(certificate(*authority_, "alice")), lane(certificate(*authority_, "bob")));
}

TEST_F(WebhookRoute, ProbesGoTheSameWay) {
  HttpServer server;
  const TlsFront front(*stranger_, "good", server.port());
  Webhook webhook(module());
  bool is_supported = false;
  const auto trusting =
      webhook.bind(action(front.url(), R"(, "ca_file": )" + json::quote(stranger_->ca_file())));
  EXPECT_TRUE(webhook.module().probe(*trusting, is_supported).ok());
  const auto other = webhook.bind(action(front.url()));
  EXPECT_FALSE(webhook.module().probe(*other, is_supported).ok());
  EXPECT_EQ(server.requests().size(), 0U);
}

}  // namespace
}  // namespace observerd::testing
