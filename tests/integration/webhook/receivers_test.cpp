#include <cstdlib>
#include <filesystem>

#include "base/json.hpp"
#include "fixture.hpp"
#include "support/server_process.hpp"
#include "support/tls_server.hpp"

/// What is sent satisfies the libraries that receivers use (tests/receivers).
namespace observerd::testing {
namespace {

constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kOther[] = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr char kKey[] =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg"
    "==";
constexpr char kPublicKey[] = "1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";

constexpr char kScripts[] = OBSERVERD_SOURCE_DIR "/tests/receivers/";
constexpr char kModules[] = OBSERVERD_BUILD_DIR "/receivers";

class WebhookReceivers : public ::testing::Test {
 protected:
  void SetUp() override {
    if (find_program("node").empty()) GTEST_SKIP() << "NO NODE: nothing is verified by receivers";
    if (!std::filesystem::exists(std::string(kModules) + "/node_modules/standardwebhooks")) {
      GTEST_SKIP() << "NO PACKAGES in " << kModules
                   << ": run tests/receivers/install.sh; nothing is verified by receivers";
    }
    process_.emplace([](int port) -> std::vector<std::string> {
      return {"/usr/bin/env",
              std::string("WEBHOOK_SECRET=") + kSecret,
              std::string("WEBHOOK_PUBLIC_KEY=") + kPublicKey,
              "node",
              std::string(kScripts) + "receiver.mjs",
              std::to_string(port),
              kModules};
    });
  }

  std::string deliver(const std::string& path, const std::string& more,
                      const Delivery& delivery = {}) {
    const std::string url = "http://127.0.0.1:" + std::to_string(process_->port()) + path;
    const auto result = webhook_.deliver(action(url, more), delivery);
    return summary(result) + (result.outcome == plugin::Outcome::Delivered ? "" : result.message);
  }

  /// What the library made of the last request.
  json::Value last_taken() const {
    const std::string output = process_->output();
    const std::size_t end = output.rfind('\n');
    const std::size_t start = end == 0 ? 0 : output.rfind('\n', end - 1) + 1;
    const auto line = json::parse(output.substr(start, end - start), Code::BadEvent);
    const json::Value* taken = line ? line->find("taken") : nullptr;
    if (taken == nullptr) ADD_FAILURE() << output;
    return taken == nullptr ? json::Value::object() : *taken;
  }

  std::optional<ServerProcess> process_;
  Webhook webhook_;
};

std::string secrets(std::initializer_list<const char*> all) {
  json::Value list = json::Value::array();
  for (const char* secret : all) list.push_back(json::Value::string(secret));
  return R"(, "signing_secrets": )" + json::write(list);
}

TEST_F(WebhookReceivers, StandardWebhooksVerifiesTheSignature) {
  EXPECT_EQ(deliver("/standard", secrets({kSecret})), "delivered");
  EXPECT_EQ(last_taken().string_or("entity"), "Order");
  EXPECT_EQ(deliver("/standard", secrets({kSecret}) + R"(, "body": {"ü": "{{ x }}"})",
                    {.settings = R"({"body": {"ü": "€ 1.00"}})"}),
            "delivered");
  EXPECT_EQ(last_taken().string_or("ü"), "€ 1.00");
}

TEST_F(WebhookReceivers, StandardWebhooksFollowsARotation) {
  EXPECT_EQ(deliver("/standard", secrets({kOther, kSecret})), "delivered");
  EXPECT_EQ(deliver("/standard", secrets({kKey, kSecret, kOther})), "delivered");
  EXPECT_TRUE(deliver("/standard", secrets({kOther})).starts_with("rejected http_400"));
  EXPECT_TRUE(deliver("/standard", "").starts_with("rejected http_400"));
}

TEST_F(WebhookReceivers, NodesOwnCryptographyVerifiesEd25519) {
  EXPECT_EQ(deliver("/ed25519", secrets({kKey})), "delivered");
  EXPECT_EQ(deliver("/ed25519", secrets({kSecret, kKey})), "delivered");
  EXPECT_TRUE(deliver("/ed25519", secrets({kSecret})).starts_with("rejected http_400"));
}

TEST_F(WebhookReceivers, CloudEventsTakesBothModes) {
  const Delivery delivery{.trace_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          .order = 99};
  for (const char* format : {"cloudevents", "cloudevents-binary"}) {
    const std::string more = std::string(R"(, "format": ")") + format + "\"";
    ASSERT_EQ(deliver("/cloudevents", more, delivery), "delivered") << process_->output();
    const json::Value event = last_taken();
    const std::pair<const char*, const char*> expected[] = {
        {"specversion", "1.0"},
        {"id", "0f8fad5b-d9cb-569f-a165-70867728950e"},
        {"source", "/observerd/Order"},
        {"type", "Order.insert"},
        {"subject", "42"},
        {"sequence", "00000000000000000099"},
        {"datacontenttype", "application/json"},
        {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};
    for (const auto& [name, value] : expected) EXPECT_EQ(event.string_or(name), value) << format;
    const json::Value* data = event.find("data");
    ASSERT_NE(data, nullptr) << format;
    EXPECT_EQ(data->string_or("entity"), "Order") << format;
  }
}

TEST_F(WebhookReceivers, CloudEventsTakesTextAndRefusesWhatIsNone) {
  const std::string text = R"(, "body": "größe", "content_type": "text/plain")";
  EXPECT_EQ(deliver("/cloudevents", text + R"(, "format": "cloudevents")"), "delivered");
  EXPECT_EQ(last_taken().string_or("data"), "größe");
  EXPECT_EQ(deliver("/cloudevents", text + R"(, "format": "cloudevents-binary")"), "delivered");
  EXPECT_EQ(last_taken().string_or("data"), "größe");
  EXPECT_TRUE(deliver("/cloudevents", "").starts_with("rejected http_400"));
}

/// node's HTTP/2 implementation, ending streams and connections.
class WebhookHttp2 : public ::testing::Test {
 protected:
  void SetUp() override {
    if (find_program("node").empty()) GTEST_SKIP() << "NO NODE: no HTTP/2 server that misbehaves";
    authority_.emplace();
    authority_->issue("good", "IP:127.0.0.1");
    process_.emplace([this](int port) -> std::vector<std::string> {
      return {"node", std::string(kScripts) + "http2.mjs", std::to_string(port),
              authority_->certificate("good"), authority_->key("good")};
    });
    webhook_.emplace(R"({"allow_addresses": ["127.0.0.0/8"], "ca_file": )" +
                     json::quote(authority_->ca_file()) + "}");
  }
  std::string deliver(const std::string& path) {
    const std::string url = "https://127.0.0.1:" + std::to_string(process_->port()) + path;
    return summary(webhook_->deliver(action(url)));
  }
  /// How many requests the server took, and on how many connections.
  std::pair<int, int> seen() const {
    const std::string output = process_->output();
    int requests = 0;
    int connections = 0;
    for (std::size_t at = output.find("\"connection\":"); at != std::string::npos;
         at = output.find("\"connection\":", at + 1)) {
      ++requests;
      connections = std::max(connections, std::atoi(output.c_str() + at + 13));
    }
    return {requests, connections};
  }

  std::optional<TestAuthority> authority_;
  std::optional<ServerProcess> process_;
  std::optional<Webhook> webhook_;
};

TEST_F(WebhookHttp2, DeliversManyOverOneConnection) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(deliver("/ok"), "delivered");
  EXPECT_EQ(seen().first, 20);
  EXPECT_EQ(webhook_->services().metric_sum("connections_total{use=new}"), 1);
}

TEST_F(WebhookHttp2, ARefusedStreamIsNoFailure) {
  EXPECT_EQ(deliver("/refused"), "delivered");
  EXPECT_EQ(seen().first, 2) << "RFC 9113 section 8.7: it was not looked at";
}

TEST_F(WebhookHttp2, AStreamThatBreaksIsRetriedLater) {
  EXPECT_EQ(deliver("/reset"), "retry connection_reset");
  EXPECT_EQ(deliver("/ok"), "delivered");
  EXPECT_EQ(seen().first, 2) << "not sent again by the client: it had been taken";
}

TEST_F(WebhookHttp2, GoawayLosesNothing) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(deliver("/goaway"), "delivered");
  EXPECT_EQ(seen().first, 10);
}

TEST_F(WebhookHttp2, AConnectionThatIsCutInTheAnswerIsRetriedLater) {
  const std::string result = deliver("/cut");
  EXPECT_TRUE(result == "retry connection_reset" || result == "retry truncated_answer") << result;
  EXPECT_EQ(deliver("/ok"), "delivered");
}

}  // namespace
}  // namespace observerd::testing
