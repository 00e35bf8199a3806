#include <filesystem>
#include <memory>

#include "base/json.hpp"
#include "fixture.hpp"
#include "support/conformance.hpp"
#include "support/node_receiver.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"

/// Twilio's published description of its interface, served by the npm package prism, which refuses
/// every request that the description does not allow.
namespace observerd::testing {
namespace {

constexpr const char* kAccount = "AC00112233445566778899aabbccddeeff";
constexpr const char* kDocument = "messages.openapi.json";

std::filesystem::path description() {
  const auto folder = conformance_folder("twilio", OBSERVERD_CONFORMANCE_DEFAULT);
  return folder.empty() ? folder : folder / kDocument;
}

class SmsContract : public SmsTest {
 protected:
  static void SetUpTestSuite() {
    if (!NodeReceiver::missing("@stoplight/prism-cli").empty()) return;
    const std::string document = description();
    if (!std::filesystem::exists(document)) return;
    prism_ = std::make_unique<ServerProcess>([document](int port) {
      return std::vector<std::string>{"node",
                                      NodeReceiver::packages() + "/node_modules/.bin/prism",
                                      "mock",
                                      "--host",
                                      "127.0.0.1",
                                      "--port",
                                      std::to_string(port),
                                      "--errors",
                                      document};
    });
  }
  static void TearDownTestSuite() { prism_.reset(); }

  void SetUp() override {
    const std::string missing = NodeReceiver::missing("@stoplight/prism-cli");
    if (!missing.empty()) GTEST_SKIP() << missing;
    if (!prism_) {
      GTEST_SKIP() << "NO CONTRACT: put spec/json/twilio_api_v2010.json of "
                      "https://github.com/twilio/twilio-oai, or its resource Messages alone, at "
                      "$OBSERVERD_CONFORMANCE_DIR/twilio/"
                   << kDocument;
    }
  }

  /// Opens the module with prism in Twilio's place; `members` need a leading comma.
  void open_twilio(const std::string& members, const std::string& account = kAccount) {
    open(R"(, "account_sid": ")" + account + R"(", "api_secret": "token", "base_url": )" +
         json::quote("http://127.0.0.1:" + std::to_string(prism_->port())) + members);
  }

  /// The status that prism answers to such a request.
  static std::string post(const std::string& body, const std::string& account = kAccount,
                          const std::string& type = "application/x-www-form-urlencoded",
                          const std::string& login = "Authorization: Basic QUM6dG9rZW4=\r\n") {
    TcpClient client(prism_->port());
    client.send("POST /2010-04-01/Accounts/" + account +
                "/Messages.json HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + login +
                "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
    const std::string answer = client.read_rest();
    return answer.substr(answer.find(' ') + 1, 3);
  }

  static std::unique_ptr<ServerProcess> prism_;
};

std::unique_ptr<ServerProcess> SmsContract::prism_;

TEST_F(SmsContract, WhatIsSentToTwilioSatisfiesIt) {
  const std::string number = R"(, "from": "+15005550006")";
  open_twilio(number);
  const auto result = send();
  EXPECT_EQ(summary(result), "delivered") << prism_->output();
  EXPECT_EQ(result.remote_id.substr(0, 2), "SM") << "the answer, too, is the description's";
  EXPECT_EQ(
      summary(send("+4915112345678", "Käse & 100% <ok>=+1\n\xF0\x9F\x91\x8D",
                   R"(, "status_callback": "https://a.example/done?id=7&x=%2B", "ttl": "4h")")),
      "delivered")
      << prism_->output();
  EXPECT_EQ(summary(send("+4915112345678", std::string(1'600, 'x'))), "delivered")
      << prism_->output();
  open_twilio(R"(, "from": "MG00112233445566778899aabbccddeeff")");
  EXPECT_EQ(summary(send()), "delivered") << prism_->output();
  open_twilio(number + R"(, "api_key": "SK00112233445566778899aabbccddeeff")");
  EXPECT_EQ(summary(send()), "delivered") << prism_->output();
}

TEST_F(SmsContract, WhatItForbidsIsRefused) {
  open_twilio(R"(, "from": "+15005550006")");
  EXPECT_EQ(summary(send("+4915112345678", "hi", R"(, "status_callback": "no address")")),
            "rejected http_422");
  open_twilio(R"(, "from": "+15005550006")", "AC42");
  EXPECT_EQ(summary(send()), "rejected http_422");

  const std::string good = "To=%2B4915112345678&From=%2B15005550006&Body=hi";
  EXPECT_EQ(post(good), "201") << "by hand, and nothing wrong with it";
  EXPECT_EQ(post("From=%2B15005550006&Body=hi"), "422") << "no receiver";
  EXPECT_EQ(post(good + "&MessagingServiceSid=MG42"), "422");
  EXPECT_EQ(post(good + "&ValidityPeriod=4h"), "422") << "no number";
  EXPECT_EQ(post(good, "42"), "422") << "no account";
  EXPECT_EQ(post(good, kAccount, "application/x-www-form-urlencoded", ""), "401") << "no login";
  EXPECT_EQ(post(R"({"To": "+4915112345678", "From": "+15005550006", "Body": "hi"})", kAccount,
                 "application/json"),
            "415");
}

}  // namespace
}  // namespace observerd::testing
