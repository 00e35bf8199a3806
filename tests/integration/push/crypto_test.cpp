#include <gtest/gtest.h>

#include "base/json.hpp"
#include "common/base64.hpp"
#include "keys.hpp"
#include "push/jwt.hpp"
#include "push/vapid.hpp"
#include "push/web_push_encryption.hpp"
#include "support/manual_clock.hpp"
#include "support/server_process.hpp"

/// Tokens and encryption against the examples of the RFCs.
namespace observerd::push {
namespace {

using common::base64url_encode;
using testing::kEcKey;
using testing::kRsaKey;
using testing::kVapidKey;
using testing::kVapidPublicKey;

std::string bytes(std::string_view text) {
  const auto decoded = common::base64url_decode(text);
  EXPECT_TRUE(decoded) << text;
  return decoded.value_or("");
}

/// The parts of a compact token between their dots.
std::vector<std::string> parts(const std::string& token) {
  std::vector<std::string> parts{""};
  for (const char c : token) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// Whether an ES256 token was signed by the key of this point.
bool is_signed_by(const std::string& point, const std::string& token) {
  const std::size_t dot = token.rfind('.');
  const std::string signature = bytes(token.substr(dot + 1));
  if (signature.size() != 64) return false;
  const Owned<ECDSA_SIG> pair(ECDSA_SIG_new());
  ECDSA_SIG_set0(pair.get(), BN_bin2bn(bytes_of(std::string_view(signature)), 32, nullptr),
                 BN_bin2bn(bytes_of(std::string_view(signature)) + 32, 32, nullptr));
  std::string der(80, '\0');
  unsigned char* at = bytes_of(der);
  der.resize(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), &at)));
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), "group", "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), "pub", point.data(), point.size());
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const Owned<EVP_PKEY_CTX> maker(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* made = nullptr;
  EVP_PKEY_fromdata_init(maker.get());
  EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get());
  const Owned<EVP_PKEY> key(made);
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  return key != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(std::string_view(der)), der.size(),
                          bytes_of(std::string_view(token)), dot) == 1;
}

TEST(PushJwt, SignsTheExampleOfRfc7515AppendixA2) {
  const auto signer = JwtSigner::rs256(kRsaKey);
  ASSERT_TRUE(signer) << signer.status().to_string();
  const std::string claims =
      "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
  EXPECT_EQ(
      signer->sign(R"({"alg":"RS256"})", claims),
      "eyJhbGciOiJSUzI1NiJ9"
      ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnV"
      "l"
      "fQ"
      ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
      "O8W2Fp5"
      "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
      "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
      "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
}

TEST(PushJwt, SignsWithTheKeyOfRfc7515AppendixA3) {
  const auto key = P256Key::from_pem(kEcKey);
  ASSERT_TRUE(key);
  // The example's own signature, and ours: an ECDSA signature is another each time.
  const std::string head =
      "eyJhbGciOiJFUzI1NiJ9"
      ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnV"
      "l"
      "fQ";
  EXPECT_TRUE(is_signed_by(key->public_point(),
                           head +
                               ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
                               "pmWQxfKTUJqPP3-Kg6NU1Q"));
  const std::string claims =
      "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
  for (int i = 0; i < 50; ++i) {  // r and s are shorter than 32 bytes now and then
    const std::string token = JwtSigner::es256(*key).sign(R"({"alg":"ES256"})", claims);
    EXPECT_EQ(token.substr(0, token.rfind('.')), head);
    EXPECT_TRUE(is_signed_by(key->public_point(), token));
  }
}

TEST(PushJwt, RefusesOtherKeys) {
  EXPECT_FALSE(JwtSigner::rs256(kEcKey));
  EXPECT_FALSE(JwtSigner::rs256("no key"));
  EXPECT_FALSE(P256Key::from_pem(kRsaKey));
  EXPECT_FALSE(P256Key::from_pem(""));
  const auto openssl = [](const std::vector<std::string>& words) {
    std::vector<std::string> all{"openssl", "genpkey", "-quiet", "-algorithm"};
    all.insert(all.end(), words.begin(), words.end());
    return testing::run_program(all);
  };
  const std::string small = openssl({"RSA", "-pkeyopt", "rsa_keygen_bits:1024"});
  EXPECT_EQ(JwtSigner::rs256(small).status().message(), "is an RSA key of fewer than 2048 bits");
  const std::string other = openssl({"EC", "-pkeyopt", "ec_paramgen_curve:secp384r1"});
  EXPECT_FALSE(P256Key::from_pem(other)) << "another curve";
  const std::string locked = openssl(
      {"EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-aes-128-cbc", "-pass", "pass:secret"});
  EXPECT_FALSE(P256Key::from_pem(locked)) << "no pass phrase is asked for";
}

TEST(PushEncryption, WritesTheMessageOfRfc8291) {
  const auto sender = P256Key::from_scalar(bytes(kVapidKey));
  ASSERT_TRUE(sender);
  EXPECT_EQ(base64url_encode(sender->public_point()), kVapidPublicKey);
  const WebPushReceiver receiver{bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-"
                                       "AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
                                 bytes("BTBZMqHH6r4Tts7J_aSIgg")};
  const auto message = encrypt_web_push("When I grow up, I want to be a watermelon", receiver,
                                        *sender, bytes("DGv6ra1nlYgDCS1FRnbzlw"));
  ASSERT_TRUE(message);
  EXPECT_EQ(
      base64url_encode(*message),
      "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInm"
      "YWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQe"
      "xSgSxsj_Qulcy4a-fN");
}

TEST(PushEncryption, TheLargestMessageIsOneRecordThatServicesMustTake) {
  const auto sender = P256Key::generate();
  const auto browser = P256Key::generate();
  ASSERT_TRUE(sender && browser);
  const WebPushReceiver receiver{browser->public_point(), std::string(16, 'a')};
  const auto message = encrypt_web_push(std::string(kMostWebPushBytes, 'x'), receiver, *sender,
                                        std::string(16, 's'));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->size(), 4'096u);
}

TEST(PushEncryption, RefusesWhatIsNoReceiver) {
  const auto sender = P256Key::generate();
  ASSERT_TRUE(sender);
  const std::string salt(16, 's');
  const std::string auth(16, 'a');
  std::string off_curve = sender->public_point();
  off_curve.back() = static_cast<char>(off_curve.back() ^ 1);
  for (const std::string& point : {std::string(), off_curve, std::string(65, '\4'),
                                   sender->public_point().substr(0, 64), std::string(1, '\0')}) {
    EXPECT_FALSE(encrypt_web_push("x", {point, auth}, *sender, salt)) << base64url_encode(point);
    EXPECT_FALSE(is_p256_point(point));
  }
  EXPECT_FALSE(encrypt_web_push("x", {sender->public_point(), auth.substr(1)}, *sender, salt));
  EXPECT_FALSE(encrypt_web_push("x", {sender->public_point(), auth}, *sender, salt.substr(1)));
}

TEST(PushVapid, ATokenLooksLikeTheExampleOfRfc8292) {
  const std::string header = base64url_encode(Vapid::kHeader);
  EXPECT_EQ(header, "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9");
  const std::string claims = base64url_encode(
      Vapid::claims("https://push.example.net", std::chrono::system_clock::from_time_t(1453523768),
                    "mailto:push@example.com"));
  EXPECT_EQ(
      claims,
      "eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzp"
      "wdXNoQGV4YW1wbGUuY29tIn0");
  const std::string point = bytes(
      "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs");
  EXPECT_TRUE(
      is_signed_by(point, header + "." + claims +
                              ".i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrEr"
                              "tmysazNjjvW2L9OkSSHzvoD1oA"));
}

TEST(PushVapid, ATokenServesOneServiceForAnHour) {
  testing::ManualClock clock;
  const auto key = P256Key::from_scalar(bytes(kVapidKey));
  ASSERT_TRUE(key);
  const Vapid vapid(*key, "mailto:a@example.com", clock);
  const std::string first = vapid.authorization("https://push.example");
  ASSERT_TRUE(first.starts_with("vapid t="));
  EXPECT_TRUE(first.ends_with(std::string(", k=") + kVapidPublicKey));
  const std::string token = first.substr(8, first.find(", k=") - 8);
  EXPECT_TRUE(is_signed_by(key->public_point(), token));
  const auto claims = json::parse(bytes(parts(token)[1]), Code::ActionFailed);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->find("exp")->text(),
            std::to_string(std::chrono::system_clock::to_time_t(clock.now()) + 12 * 3'600));
  EXPECT_EQ(vapid.authorization("https://push.example"), first);
  EXPECT_NE(vapid.authorization("https://other.example"), first);
  clock.advance(std::chrono::hours(1));
  EXPECT_NE(vapid.authorization("https://push.example"), first);
}

}  // namespace
}  // namespace observerd::push
