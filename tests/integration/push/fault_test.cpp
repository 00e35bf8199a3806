#include "fixture.hpp"
#include "keys.hpp"
#include "support/http_server.hpp"
#include "support/loopback.hpp"
#include "support/tls_front.hpp"

/// What can go wrong between observerd and any of the providers.
namespace observerd::testing {
namespace {

struct Way {
  const char* name;
  std::string (*settings)(const std::string& base_url);
  std::string (*message)(const std::string& base_url);
  const char* success;  ///< the answer of the provider
  const char* empty;    ///< what an answer of 200 without a body means
  const char* prefix;   ///< of codes that are a status
};

std::string web_settings(const std::string&) {
  return web_push_settings();
}
std::string to_device(const std::string&) {
  return R"("title": "t", "token": "abcdef")";
}
std::string to_topic(const std::string&) {
  return R"("title": "t", "topic": "orders")";
}
std::string to_browser(const std::string& base_url) {
  return R"("title": "t", )" + subscription(base_url + "/p/1");
}
std::string ntfy_alone(const std::string& base_url) {
  return ntfy_settings(base_url);
}

const Way kWays[] = {
    {"Fcm", &fcm_settings, &to_device, R"({"name": "n"})", "retry fcm_bad_answer", "http"},
    {"Apns", &apns_settings, &to_device, "", "delivered", "http"},
    {"WebPush", &web_settings, &to_browser, "", "delivered", "web_push"},
    {"Ntfy", &ntfy_alone, &to_topic, R"({"id": "1", "event": "message"})", "retry ntfy_bad_answer",
     "http"}};

class PushFaults : public PushTest, public ::testing::WithParamInterface<Way> {
 protected:
  PushFaults() {
    answer(HttpReply(200, GetParam().success));
    open(GetParam().settings(server_.url("")));
  }
  /// Answers to everything but the requests for a token.
  void answer(HttpReply reply) {
    server_.handle([reply = std::move(reply)](const HttpRequest& request) {
      return request.target == "/token" ? HttpReply(200, R"({"access_token": "a"})") : reply;
    });
  }
  plugin::ItemResult when(HttpReply reply, Milliseconds deadline = std::chrono::seconds(20)) {
    answer(std::move(reply));
    return send(GetParam().message(server_.url("")), {}, deadline);
  }
  std::string status_code(int status) const {
    return std::string(GetParam().prefix) + "_" + std::to_string(status);
  }
  HttpServer server_;
};

TEST_P(PushFaults, AnswersThatDoNotComeWholeAreRetried) {
  EXPECT_EQ(summary(when(HttpReply::closed())), "retry connection_reset");
  EXPECT_EQ(summary(when(HttpReply::reset())), "retry connection_reset");
  EXPECT_EQ(summary(when(HttpReply::truncated())), "retry truncated_answer");
  EXPECT_EQ(summary(when(HttpReply::bytes("SSH-2.0-OpenSSH\r\n"))), "retry malformed_answer");
  for (const HttpReply& slow : {HttpReply::hang(), HttpReply::dripping(Milliseconds(50))}) {
    const std::string result = summary(when(slow, Milliseconds(300)));
    // On a busy machine even the connection may take as long.
    EXPECT_TRUE(result == "retry timeout" || result == "retry connect_timeout") << result;
  }
  EXPECT_EQ(summary(when(HttpReply(200, GetParam().success))), "delivered");
}

TEST_P(PushFaults, AClosedPortIsRetried) {
  const LoopbackListener listener = listen_on_loopback(1);
  close(listener.socket);
  const std::string url = "http://127.0.0.1:" + std::to_string(listener.port);
  open(GetParam().settings(url));
  const std::string result = summary(send(GetParam().message(url)));
  EXPECT_TRUE(result.starts_with("retry ") && result.ends_with("connection_refused")) << result;
}

TEST_P(PushFaults, AnswersThatAreNotTheProvidersAreUnderstoodByTheirStatus) {
  EXPECT_EQ(summary(when(HttpReply(200))), GetParam().empty);
  EXPECT_EQ(summary(when(HttpReply(500, "<html>"))), "retry " + status_code(500));
  EXPECT_EQ(summary(when(HttpReply(500, std::string(100'000, 'x')))), "retry " + status_code(500))
      << "more than is read";
  EXPECT_EQ(summary(when(HttpReply(500, R"({"error": [], "reason": 1, "code": {}})"))),
            "retry " + status_code(500));
  EXPECT_EQ(summary(when(HttpReply(302).with("Location", "http://127.0.0.1:1/"))),
            "rejected redirect");
  EXPECT_EQ(server_.requests().back().target == "/", std::string(GetParam().name) == "Ntfy")
      << "redirects are not followed";
}

TEST_P(PushFaults, RetryAfterIsKeptInBothItsForms) {
  EXPECT_EQ(when(HttpReply(503).with("Retry-After", "120")).retry_after, std::chrono::seconds(120));
  const auto dated = when(HttpReply(429).with("Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT"));
  EXPECT_EQ(dated.outcome, plugin::Outcome::Throttled);
  EXPECT_GT(dated.retry_after, std::chrono::hours(24));
}

TEST_P(PushFaults, AnotherCertificateIsNotTalkedTo) {
  TestAuthority authority;
  authority.issue("provider", "DNS:elsewhere.example");
  const TlsFront front(authority, "provider", server_.port());
  std::string url = front.url("");
  open_with(R"({"allow_addresses": ["127.0.0.0/8"], "ca_file": )" +
            json::quote(authority.ca_file()) + GetParam().settings(url) + "}");
  const std::string result = summary(send(GetParam().message(url)));
  EXPECT_TRUE(result.starts_with("misconfigured ") && result.ends_with("certificate_invalid"))
      << result;
  EXPECT_TRUE(server_.requests().empty());
}

TEST_P(PushFaults, NothingSecretIsLoggedOrSaid) {
  when(HttpReply(500, "no"));
  when(HttpReply::reset());
  const auto refused = when(HttpReply(401, "who are you?"));
  const std::string all = push().services().text() + refused.message +
                          push().preview("{" + GetParam().message(server_.url("")) + "}", {});
  for (const std::string& secret :
       {std::string(kRsaKey).substr(40, 40), std::string(kEcKey).substr(40, 40),
        std::string(kVapidKey), std::string("Bearer a"), std::string("eyJ")}) {
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  }
}

INSTANTIATE_TEST_SUITE_P(, PushFaults, ::testing::ValuesIn(kWays),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace observerd::testing
