#include <condition_variable>
#include <fstream>

#include "base/json.hpp"
#include "common/http_client.hpp"
#include "fixture.hpp"
#include "support/tls_server.hpp"

/// TLS, client certificates and HTTP/2 against nghttpd.
namespace observerd::testing {
namespace {

class WebhookTls : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    authority_ = std::make_unique<TestAuthority>();
    authority_->issue("good", "IP:127.0.0.1,DNS:localhost");
    authority_->issue("other", "DNS:other.example");
    authority_->issue("client", "DNS:client.example");
    std::ofstream(authority_->folder() / "hook") << "taken";
  }
  static void TearDownTestSuite() { authority_.reset(); }

  static std::string settings(const std::string& more = "") {
    return R"({"allow_addresses": ["127.0.0.0/8"], "ca_file": )" +
           json::quote(authority_->ca_file()) + more + "}";
  }
  static std::string file(const char* name) {
    return json::quote((authority_->folder() / name).string());
  }
  static std::unique_ptr<TestAuthority> authority_;
};
std::unique_ptr<TestAuthority> WebhookTls::authority_;

TEST_F(WebhookTls, DeliversToAServerOfATrustedAuthority) {
  const Http2Server server(*authority_, "good");
  Webhook webhook(settings());
  const auto result = webhook.deliver(action(server.url("/hook")));
  EXPECT_EQ(summary(result), "delivered") << result.message;
}

TEST_F(WebhookTls, RefusesCertificatesOfUnknownAuthoritiesAndForOtherNames) {
  const Http2Server good(*authority_, "good");
  Webhook no_authority(R"({"allow_addresses": ["127.0.0.0/8"]})");
  EXPECT_EQ(summary(no_authority.deliver(action(good.url("/hook")))),
            "misconfigured certificate_invalid");
  const Http2Server other(*authority_, "other");
  Webhook webhook(settings());
  EXPECT_EQ(summary(webhook.deliver(action(other.url("/hook")))),
            "misconfigured certificate_invalid");
}

TEST_F(WebhookTls, APlainServerIsATlsError) {
  HttpServer plain;
  plain.always(HttpReply::bytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
  Webhook webhook(settings(R"(, "timeout": "2s")"));
  const auto url = "https" + plain.url("/").substr(4);
  const auto result = webhook.deliver(action(url));
  EXPECT_EQ(result.outcome, plugin::Outcome::Retry) << summary(result);
}

TEST_F(WebhookTls, ShowsItsClientCertificate) {
  const Http2Server server(*authority_, "good", {"--verify-client"});
  Webhook without(settings());
  EXPECT_EQ(without.deliver(action(server.url("/hook"))).outcome, plugin::Outcome::Retry);
  Webhook with(settings(R"(, "client_cert_file": )" + file("client.pem") +
                        R"(, "client_key_file": )" + file("client.key")));
  const auto result = with.deliver(action(server.url("/hook")));
  EXPECT_EQ(summary(result), "delivered") << result.message;
}

TEST_F(WebhookTls, AClientCertificateThatDoesNotFitItsKeyIsMisconfigured) {
  const Http2Server server(*authority_, "good");
  Webhook webhook(settings(R"(, "client_cert_file": )" + file("client.pem") +
                           R"(, "client_key_file": )" + file("other.key")));
  EXPECT_EQ(summary(webhook.deliver(action(server.url("/hook")))),
            "misconfigured certificate_invalid");
}

TEST_F(WebhookTls, SharesOneHttp2ConnectionBetweenRequests) {
  const Http2Server server(*authority_, "good");
  common::ClientOptions options;
  options.addresses = common::AddressPolicy({common::Cidr::parse("127.0.0.1").value()});
  options.route.ca_file = authority_->ca_file();
  auto client = common::HttpClient::create(options).value();
  const auto request = [&] {
    common::Request made;
    made.url = common::parse_url(server.url("/hook")).value();
    made.body = "{}";
    return made;
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto first = client->perform(request(), deadline);
  EXPECT_EQ(first.status, 200) << first.detail;
  EXPECT_TRUE(first.is_http2);
  EXPECT_TRUE(first.new_connection);

  constexpr std::size_t kRequests = 50;
  std::mutex mutex;
  std::condition_variable done;
  std::vector<common::Response> responses;
  for (std::size_t i = 0; i < kRequests; ++i) {
    client->submit(request(), deadline, [&](common::Response response) {
      const std::lock_guard lock(mutex);
      responses.push_back(std::move(response));
      done.notify_all();
    });
  }
  std::unique_lock lock(mutex);
  ASSERT_TRUE(
      done.wait_for(lock, std::chrono::seconds(20), [&] { return responses.size() == kRequests; }));
  for (const auto& response : responses) {
    EXPECT_EQ(response.status, 200) << response.detail;
    EXPECT_EQ(response.body, "taken");
    EXPECT_TRUE(response.is_http2);
    EXPECT_FALSE(response.new_connection);
  }
}

}  // namespace
}  // namespace observerd::testing
