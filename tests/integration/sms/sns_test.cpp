#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdio>

#include "base/strings.hpp"
#include "fixture.hpp"

namespace observerd::testing {
namespace {

std::string hex(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) {
    std::array<char, 3> two{};
    std::snprintf(two.data(), two.size(), "%02x", static_cast<unsigned char>(c));
    out += two.data();
  }
  return out;
}

std::string sha256(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<char*>(digest.data()), size};
}

std::string hmac(const std::string& key, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return {reinterpret_cast<char*>(digest.data()), size};
}

std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t begin = text.find(before);
  if (begin == std::string::npos) return {};
  const std::size_t from = begin + before.size();
  return text.substr(from, text.find(after, from) - from);
}

/// What AWS computes for a request to "/" that has the headers it says to be signed (Signature
/// Version 4, "Create a signed AWS API request").
std::string expected_signature(const HttpRequest& request, const std::string& secret) {
  const std::string authorization = request.header("Authorization");
  const std::string names = between(authorization, "SignedHeaders=", ",");
  std::string headers;
  std::string rest = names;
  while (!rest.empty()) {
    const std::string name = rest.substr(0, rest.find(';'));
    rest.erase(0, std::min(rest.size(), name.size() + 1));
    headers += name + ":" + std::string(trim(request.header(name))) + "\n";
  }
  const std::string canonical =
      "POST\n/\n\n" + headers + "\n" + names + "\n" + hex(sha256(request.body));
  const std::string date = request.header("X-Amz-Date");
  const std::string day = date.substr(0, 8);
  const std::string scope = day + "/eu-west-1/sns/aws4_request";
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + hex(sha256(canonical));
  std::string key = "AWS4" + secret;
  for (const std::string& part :
       {day, std::string("eu-west-1"), std::string("sns"), std::string("aws4_request")}) {
    key = hmac(key, part);
  }
  return hex(hmac(key, to_sign));
}

class SmsSns : public SmsTest {
 protected:
  SmsSns() {
    open(R"(, "provider": "sns", "region": "eu-west-1", "access_key_id": "AKID",)"
         R"( "secret_access_key": "secret/key", "session_token": "session", "from": "Shop")" +
         at_server());
    server_.always(
        HttpReply(200,
                  "<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult>"
                  "</PublishResponse>"));
  }
  static HttpReply error(int status, const std::string& code) {
    return HttpReply(status, "<ErrorResponse><Error><Type>Sender</Type><Code>" + code +
                                 "</Code><Message>told</Message></Error></ErrorResponse>");
  }
};

TEST_F(SmsSns, PublishesAndSignsAsAwsDemands) {
  const auto result = send();
  EXPECT_EQ(summary(result), "delivered");
  EXPECT_EQ(result.remote_id, "m-1");
  auto form = sent();
  EXPECT_EQ(form["Action"], "Publish");
  EXPECT_EQ(form["PhoneNumber"], "+4915112345678");
  EXPECT_EQ(form["Message"], "Order 7 shipped");
  EXPECT_EQ(form["MessageAttributes.entry.2.Name"], "AWS.SNS.SMS.SenderID");
  EXPECT_EQ(form["MessageAttributes.entry.2.Value.StringValue"], "Shop");
  const HttpRequest request = server_.request(0);
  EXPECT_EQ(request.header("X-Amz-Security-Token"), "session");
  const std::string authorization = request.header("Authorization");
  EXPECT_EQ(authorization.rfind("AWS4-HMAC-SHA256 Credential=AKID/", 0), 0u) << authorization;
  EXPECT_NE(authorization.find("x-amz-security-token"), std::string::npos) << authorization;
  EXPECT_EQ(between(authorization, "Signature=", "\r"), expected_signature(request, "secret/key"));
}

TEST_F(SmsSns, EachErrorHasItsMeaning) {
  EXPECT_EQ(when(error(400, "Throttling")), "retry sns_Throttling");
  EXPECT_EQ(when(error(500, "InternalError")), "retry sns_InternalError");
  EXPECT_EQ(when(error(403, "SignatureDoesNotMatch")), "misconfigured sns_SignatureDoesNotMatch");
  EXPECT_EQ(when(error(403, "AuthorizationError")), "misconfigured sns_AuthorizationError");
  EXPECT_EQ(when(error(400, "InvalidParameter")), "rejected sns_InvalidParameter");
  EXPECT_EQ(when(error(400, "OptedOut")), "rejected sns_OptedOut");
  EXPECT_EQ(when(error(400, "SomethingNew")), "rejected sns_SomethingNew");
  EXPECT_EQ(when(HttpReply(503, "")), "retry http_503");
}

}  // namespace
}  // namespace observerd::testing
