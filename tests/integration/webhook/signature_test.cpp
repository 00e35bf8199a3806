#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <ctime>

#include "fixture.hpp"

/// Signatures, computed again here with other functions than the plugin's.
namespace observerd::testing {
namespace {

constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kOther[] = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr char kKey[] =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg"
    "==";

std::string decode(std::string text) {
  std::string bytes(text.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  std::size_t padding = 0;
  while (padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

std::string signed_text(const HttpRequest& request) {
  return request.header("webhook-id") + "." + request.header("webhook-timestamp") + "." +
         request.body;
}

std::string hmac_signature(const std::string& secret, const HttpRequest& request) {
  const std::string key = decode(secret.substr(6));
  const std::string text = signed_text(request);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  std::string encoded(64, '\0');
  encoded.resize(static_cast<std::size_t>(EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(encoded.data()), mac, static_cast<int>(size))));
  return "v1," + encoded;
}

bool is_signed_by_public_key(const std::string& signature, const HttpRequest& request) {
  const std::string public_key = decode(std::string(kKey).substr(5)).substr(32);
  EVP_PKEY* key = EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(public_key.data()), 32);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const std::string text = signed_text(request);
  const std::string bytes = decode(signature.substr(4));
  const bool is_good =
      signature.starts_with("v1a,") && bytes.size() == 64 &&
      EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key) == 1 &&
      EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(bytes.data()), 64,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return is_good;
}

HttpRequest send(const std::string& more, const Delivery& delivery = {}) {
  HttpServer server;
  Webhook webhook;
  const auto result = webhook.deliver(action(server.url(), more), delivery);
  EXPECT_EQ(summary(result), "delivered") << result.message;
  EXPECT_EQ(server.violations(), std::vector<std::string>());
  return server.request(0);
}

std::string secret_member(const char* secret) {
  return std::string(R"(, "signing_secret": ")") + secret + "\"";
}

TEST(Webhook, SignsTheBytesThatItSends) {
  const auto request = send(secret_member(kSecret), {.event = "{\"x\": \"ü\", \"n\": 1.0}"});
  EXPECT_EQ(request.header("webhook-id"), Delivery().id);
  EXPECT_NEAR(std::stod(request.header("webhook-timestamp")),
              static_cast<double>(std::time(nullptr)), 5);
  EXPECT_EQ(request.header("webhook-signature"), hmac_signature(kSecret, request));
}

TEST(Webhook, SignsRenderedAndEmptyBodies) {
  auto request = send(secret_member(kSecret) + R"(, "body": {"a": "{{ b }}"})",
                      {.settings = R"({"body": {"a": [1, 2.50]}})"});
  EXPECT_EQ(request.body, R"({"a":[1,2.50]})");
  EXPECT_EQ(request.header("webhook-signature"), hmac_signature(kSecret, request));
  request = send(secret_member(kSecret) + R"(, "method": "GET")");
  EXPECT_EQ(request.header("webhook-signature"), hmac_signature(kSecret, request));
}

TEST(Webhook, SignsWithEd25519) {
  const auto request = send(secret_member(kKey) + R"(, "format": "standard")");
  EXPECT_TRUE(is_signed_by_public_key(request.header("webhook-signature"), request));
}

TEST(Webhook, RotationSendsASignatureForEachSecret) {
  const auto request = send(std::string(R"(, "signing_secrets": [")") + kOther + R"(", ")" + kKey +
                            R"(", ")" + kSecret + "\"]");
  const std::string signatures = request.header("webhook-signature");
  const std::size_t first = signatures.find(' ');
  const std::size_t second = signatures.find(' ', first + 1);
  ASSERT_NE(second, std::string::npos) << signatures;
  EXPECT_EQ(signatures.substr(0, first), hmac_signature(kOther, request));
  EXPECT_TRUE(is_signed_by_public_key(signatures.substr(first + 1, second - first - 1), request));
  EXPECT_EQ(signatures.substr(second + 1), hmac_signature(kSecret, request));
}

TEST(Webhook, NothingSecretIsLoggedOrReported) {
  HttpServer server;
  Webhook webhook;
  server.always(HttpReply(400, "no"));
  const auto result = webhook.deliver(
      action(server.url("/token-t0p"),
             secret_member(kSecret) + R"(, "headers": {"Authorization": "Bearer s3cret"})"));
  const std::string said = result.message + webhook.services().text();
  for (const char* secret : {"MfKQ9r8", "s3cret", "t0p"}) {
    EXPECT_EQ(said.find(secret), std::string::npos) << said;
  }
}

}  // namespace
}  // namespace observerd::testing
