#include <functional>
#include <optional>

#include "base/json.hpp"
#include "fixture.hpp"
#include "support/nginx_server.hpp"
#include "support/proxy_server.hpp"
#include "support/tls_front.hpp"

/// The servers of these tests behave as the real ones do: each body here runs against both.
namespace observerd::testing {
namespace {

/// A receiver at `url`, and how many requests it has seen where it can tell.
struct Receiver {
  std::function<std::string(const std::string& path)> url;
};

void a_receiver_answers_as_it_is_told(const Receiver& receiver) {
  Webhook webhook;
  const std::pair<const char*, const char*> cases[] = {
      {"/204", "delivered"},         {"/200", "delivered"},
      {"/307", "rejected redirect"}, {"/403", "misconfigured http_403"},
      {"/410", "gone http_410"},     {"/429", "throttled http_429"},
      {"/503", "retry http_503"},    {"/closed", "retry connection_reset"}};
  for (const auto& [path, expected] : cases) {
    EXPECT_EQ(summary(webhook.deliver(action(receiver.url(path)))), expected) << path;
  }
  const auto throttled = webhook.deliver(action(receiver.url("/429")));
  EXPECT_EQ(throttled.retry_after, std::chrono::seconds(9));
  EXPECT_EQ(webhook.services().metric_sum("requests_total{answer=none}"), 1);
}

TEST(Fakes, AReceiverAnswersAsItIsTold) {
  HttpServer fake;
  fake.handle([](const HttpRequest& request) {
    if (request.target == "/closed") return HttpReply::closed();
    HttpReply reply(std::atoi(request.target.c_str() + 1));
    if (reply.status == 307) reply.headers.emplace_back("Location", "/elsewhere");
    if (reply.status == 429) reply.headers.emplace_back("Retry-After", "9");
    return reply;
  });
  a_receiver_answers_as_it_is_told({[&](const std::string& path) { return fake.url(path); }});
  if (!NginxServer::is_there()) GTEST_SKIP() << "NO NGINX: the fake stands alone";
  const NginxServer nginx(
      "location = /200 { return 200 taken; }\n"
      "location = /204 { return 204; }\n"
      "location = /307 { return 307 /elsewhere; }\n"
      "location = /403 { return 403; }\n"
      "location = /410 { return 410; }\n"
      "location = /429 { add_header Retry-After 9 always; return 429; }\n"
      "location = /503 { return 503; }\n"
      "location = /closed { return 444; }\n");  // nginx: close without an answer
  a_receiver_answers_as_it_is_told({[&](const std::string& path) { return nginx.url(path); }});
}

void a_client_certificate_is_demanded(const TestAuthority& authority, const std::string& url,
                                      const std::function<bool(const plugin::ItemResult&)>& no) {
  Webhook webhook(R"({"allow_addresses": ["127.0.0.0/8"], "ca_file": )" +
                  json::quote(authority.ca_file()) + "}");
  const std::string with = R"(, "client_cert_file": )" +
                           json::quote(authority.certificate("alice")) +
                           R"(, "client_key_file": )" + json::quote(authority.key("alice"));
  EXPECT_TRUE(no(webhook.deliver(action(url))));
  EXPECT_EQ(summary(webhook.deliver(action(url, with))), "delivered");
  EXPECT_TRUE(no(webhook.deliver(action(url)))) << "its connection serves nobody else";
  EXPECT_EQ(summary(webhook.deliver(action(url, with))), "delivered");
}

TEST(Fakes, AClientCertificateIsDemanded) {
  TestAuthority authority;
  authority.issue("good", "IP:127.0.0.1");
  authority.issue("alice", "DNS:alice.example");
  HttpServer behind;
  const TlsFront fake(authority, "good", behind.port(), TlsFront::Client::WithCertificate);
  a_client_certificate_is_demanded(authority, fake.url(), [](const plugin::ItemResult& result) {
    return result.outcome == plugin::Outcome::Retry;  // ends the handshake
  });
  EXPECT_EQ(fake.clients(), std::vector<std::string>{"alice"});
  if (!NginxServer::is_there()) GTEST_SKIP() << "NO NGINX: the fake stands alone";
  const NginxServer nginx(
      "location / { return 204; }\n", &authority, "good",
      "ssl_verify_client on;\nssl_client_certificate " + authority.ca_file() + ";\n");
  a_client_certificate_is_demanded(authority, nginx.url("/"), [](const plugin::ItemResult& result) {
    return summary(result) == "rejected http_400";  // completes it, then says 400
  });
}

/// Requests for `name`, which only the proxy knows, arrive at `receiver`.
void a_proxy_forwards_plain_http(const std::string& proxy, const std::string& name,
                                 const HttpServer& receiver,
                                 const std::function<HttpRequest()>& arrived) {
  Webhook webhook(R"({"allow_http": true, "proxy": )" + json::quote(proxy) + "}");
  const std::string url = "http://" + name + ":" + std::to_string(receiver.port()) + "/hook?x=1";
  const auto result = webhook.deliver(action(url, R"(, "headers": {"X-A": "b"}, "method": "PUT")"),
                                      {.event = R"({"a": 1})"});
  EXPECT_EQ(summary(result), "delivered") << result.message;
  const HttpRequest request = arrived();
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.body, R"({"a": 1})");
  EXPECT_EQ(request.header("X-A"), "b");
  EXPECT_EQ(request.header("Host"), name + ":" + std::to_string(receiver.port()));
}

TEST(Fakes, AProxyForwardsPlainHttp) {
  HttpServer fake;
  a_proxy_forwards_plain_http(fake.url(""), "receiver.test", fake, [&] { return fake.request(0); });
  EXPECT_EQ(fake.request(0).target,
            "http://receiver.test:" + std::to_string(fake.port()) + "/hook?x=1");
  if (!SquidProxy::is_there()) GTEST_SKIP() << "NO SQUID: the fake stands alone";
  const SquidProxy squid;
  HttpServer receiver;
  a_proxy_forwards_plain_http(squid.url(), SquidProxy::kName, receiver,
                              [&] { return receiver.request(0); });
  EXPECT_NE(receiver.request(0).header("Via").find("squid"), std::string::npos);
  EXPECT_EQ(receiver.request(0).count_header("Proxy-Authorization"), 0U);
}

void a_proxy_wants_a_login(const std::string& proxy) {
  Webhook webhook(R"({"allow_http": true, "proxy": )" + json::quote(proxy) + "}");
  EXPECT_EQ(summary(webhook.deliver(action("https://receiver.test/"))), "misconfigured proxy_407");
  EXPECT_EQ(summary(webhook.deliver(action("http://receiver.test/"))), "misconfigured http_407");
}

TEST(Fakes, AProxyWantsALogin) {
  HttpServer fake;
  fake.always(HttpReply(407).with("Proxy-Authenticate", "Basic realm=\"x\""));
  a_proxy_wants_a_login(fake.url(""));
  if (!SquidProxy::is_there()) GTEST_SKIP() << "NO SQUID: the fake stands alone";
  const SquidProxy squid;
  a_proxy_wants_a_login(squid.url(""));
  a_proxy_wants_a_login(squid.url("user:wrong@"));
}

void a_proxy_forbids_the_destination(const std::string& proxy, int port) {
  Webhook webhook(R"({"allow_http": true, "proxy": )" + json::quote(proxy) + "}");
  const std::string host = "receiver.test:" + std::to_string(port);
  EXPECT_EQ(summary(webhook.deliver(action("https://" + host + "/"))), "misconfigured proxy_403");
  EXPECT_EQ(summary(webhook.deliver(action("http://" + host + "/"))), "misconfigured http_403");
}

TEST(Fakes, AProxyForbidsTheDestination) {
  HttpServer fake;
  fake.always(HttpReply(403));
  a_proxy_forbids_the_destination(fake.url(""), 1);
  if (!SquidProxy::is_there()) GTEST_SKIP() << "NO SQUID: the fake stands alone";
  // The rule that the README of the plugin recommends, for a name that resolves to this machine.
  const SquidProxy squid("acl refused dst 127.0.0.0/8 10.0.0.0/8\nhttp_access deny refused");
  HttpServer receiver;
  a_proxy_forbids_the_destination(squid.url(), receiver.port());
  EXPECT_EQ(receiver.connections(), 0);
}

}  // namespace
}  // namespace observerd::testing
