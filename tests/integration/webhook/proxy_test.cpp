#include "base/json.hpp"
#include "fixture.hpp"
#include "support/proxy_server.hpp"
#include "support/tls_front.hpp"

/// Through squid, where a fake could not do it: tunnels.
namespace observerd::testing {
namespace {

class WebhookProxy : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!SquidProxy::is_there()) GTEST_SKIP() << "NO SQUID: no proxy to go through";
    authority_.emplace();
    authority_->issue("good", std::string("DNS:") + SquidProxy::kName);
    authority_->issue("alice", "DNS:alice.example");
    squid_.emplace();
  }
  std::string module(const std::string& login = "user:p%40ss%20word@") const {
    return R"({"proxy": )" + json::quote(squid_->url(login)) + R"(, "ca_file": )" +
           json::quote(authority_->ca_file()) + "}";
  }
  static std::string through(const std::string& url) {  // 127.0.0.1 by its name
    return "https://" + std::string(SquidProxy::kName) + url.substr(url.rfind(':'));
  }
  std::optional<TestAuthority> authority_;
  std::optional<SquidProxy> squid_;
};

TEST_F(WebhookProxy, TunnelsHttpsAndChecksTheReceiversCertificate) {
  HttpServer server;
  const TlsFront front(*authority_, "good", server.port());
  Webhook webhook(module());
  const std::string settings =
      action(through(front.url("/hook")),
             R"(, "headers": {"Authorization": "Bearer s3cret"}, "client_cert_file": )" +
                 json::quote(authority_->certificate("alice")) + R"(, "client_key_file": )" +
                 json::quote(authority_->key("alice")));
  for (int i = 0; i < 3; ++i) {
    const auto result = webhook.deliver(settings);
    EXPECT_EQ(summary(result), "delivered") << result.message;
  }
  EXPECT_EQ(server.request(0).target, "/hook");
  EXPECT_EQ(server.request(0).header("Authorization"), "Bearer s3cret");
  for (const char* absent : {"Via", "Proxy-Authorization", "X-Forwarded-For"}) {
    EXPECT_EQ(server.request(0).count_header(absent), 0U) << absent << ": inside the tunnel";
  }
  EXPECT_EQ(front.clients(), std::vector<std::string>{"alice"}) << "the tunnel is kept";

  authority_->issue("other", "DNS:other.example");
  const TlsFront other(*authority_, "other", server.port());
  EXPECT_EQ(summary(webhook.deliver(action(through(other.url())))),
            "misconfigured certificate_invalid");
}

TEST_F(WebhookProxy, AReceiverThatTheProxyCannotReachIsRetried) {
  int port = 0;
  { port = HttpServer().port(); }  // closed again
  Webhook webhook(module());
  const auto result = webhook.deliver(
      action("https://" + std::string(SquidProxy::kName) + ":" + std::to_string(port) + "/"));
  EXPECT_EQ(summary(result), "retry proxy_503") << result.message;
}

TEST_F(WebhookProxy, NeitherLoginNorUrlIsSaid) {
  Webhook webhook(module("user:hunter2@"));
  const auto result = webhook.deliver(action("https://receiver.test/t0ken"));
  const std::string said = result.message + webhook.services().text();
  EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
  EXPECT_EQ(said.find("t0ken"), std::string::npos) << said;
}

TEST(WebhookProxyRequests, ConnectCarriesNothingOfTheRequest) {
  HttpServer proxy;
  proxy.always(HttpReply(502));
  Webhook webhook(R"({"proxy": )" + json::quote(proxy.url("")) + "}");
  webhook.deliver(action("https://receiver.invalid/secret-path",
                         R"(, "headers": {"Authorization": "Bearer s3cret"})"));
  const auto request = proxy.request(0);
  EXPECT_EQ(request.method, "CONNECT");
  EXPECT_EQ(request.target, "receiver.invalid:443");
  EXPECT_EQ(request.count_header("Authorization"), 0U);
  EXPECT_EQ(request.count_header("Idempotency-Key"), 0U);
}

TEST(WebhookProxyRequests, AProxyThatIsDownCostsNoAttempt) {
  Webhook webhook(R"({"allow_http": true, "proxy": "http://127.0.0.1:1"})");
  EXPECT_EQ(summary(webhook.deliver(action("https://receiver.invalid/"))),
            "unavailable proxy_error");
  EXPECT_EQ(summary(webhook.deliver(action("http://receiver.invalid/"))),
            "unavailable proxy_error");
}

}  // namespace
}  // namespace observerd::testing
