#include "common/signing.hpp"

#include <gtest/gtest.h>

#include "common/base64.hpp"

namespace observerd::common {
namespace {

constexpr char kId[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::int64_t kTimestamp = 1614265330;
constexpr char kBody[] = R"({"test": 2432232314})";
constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kSignature[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr char kKey[] =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg"
    "==";
constexpr char kKeySignature[] =
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/"
    "enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

std::string sign(const std::vector<std::string>& secrets) {
  const auto signer = WebhookSigner::create(secrets);
  EXPECT_TRUE(signer) << signer.status().to_string();
  return signer ? signer->sign(kId, kTimestamp, kBody) : "";
}

TEST(WebhookSigner, MatchesThePublishedVectors) {
  EXPECT_EQ(sign({kSecret}), kSignature);
  EXPECT_EQ(sign({kKey}), kKeySignature);
}

TEST(WebhookSigner, TakesASeedWithoutItsPublicKeyAndMissingPadding) {
  const std::string both = *base64_decode(std::string(kKey).substr(5));
  EXPECT_EQ(sign({"whsk_" + base64_encode(both.substr(0, 32))}), kKeySignature);
  EXPECT_EQ(sign({std::string(kKey, sizeof kKey - 3)}), kKeySignature);
}

TEST(WebhookSigner, RotationSignsWithEachSecretInOrder) {
  const std::string other = "whsec_" + base64_encode(std::string(32, 'k'));
  EXPECT_EQ(sign({kSecret, other}), std::string(kSignature) + " " + sign({other}));
  EXPECT_EQ(sign({kKey, kSecret}), std::string(kKeySignature) + " " + kSignature);
}

TEST(WebhookSigner, DependsOnEachSignedPart) {
  const auto signer = WebhookSigner::create({kSecret}).value();
  const std::string base = signer.sign("a", 1, "body");
  EXPECT_NE(signer.sign("b", 1, "body"), base);
  EXPECT_NE(signer.sign("a", 2, "body"), base);
  EXPECT_NE(signer.sign("a", 1, "bodx"), base);
  EXPECT_EQ(signer.sign("a", 1, "body"), base);
}

TEST(WebhookSigner, RefusesBadSecretsWithoutRepeatingThem) {
  const std::string zeros = base64_encode(std::string(64, '\0'));
  for (const std::string& secret :
       {std::string("secret"), std::string(""), std::string("whsec_"), std::string("whsec_!!!!"),
        std::string("whpk_AAAA"), "whsec_" + base64_encode(std::string(23, 'x')),
        "whsec_" + base64_encode(std::string(65, 'x')), "whsk_" + base64_encode("short"),
        "whsk_" + zeros}) {
    const auto signer = WebhookSigner::create({kSecret, secret});
    ASSERT_FALSE(signer) << secret;
    EXPECT_NE(signer.status().message().find("signing secret 2 "), std::string::npos);
    if (secret.size() > 6) {
      EXPECT_EQ(signer.status().message().find(secret.substr(6)), std::string::npos);
    }
  }
}

TEST(Base64, MatchesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
  EXPECT_EQ(base64_decode("Zg"), "f");
  for (const char* text : {"Z", "Zg=", "Zg===", "Zm9v=", "Zm 9v", "Zm9v\n", "Zm9_", "=", "Z=g="}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace observerd::common
