#include "common/signing.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>

#include "common/base64.hpp"

namespace observerd::common {
namespace {

constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kPublicBytes = 32;

struct MacFree {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, MacFree>;
using PrivateKey = std::unique_ptr<EVP_PKEY, KeyFree>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view view_of(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

class WebhookSigner::Key {
 public:
  virtual ~Key() = default;
  /// "v1,BASE64", or "" when the library fails.
  virtual std::string sign(std::string_view prefix, std::string_view body) const = 0;
};

class WebhookSigner::HmacKey final : public Key {
 public:
  static std::shared_ptr<const Key> create(std::string_view secret) {
    const std::unique_ptr<EVP_MAC, MacFree> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    if (mac == nullptr) return nullptr;
    MacContext context(EVP_MAC_CTX_new(mac.get()));
    char digest[] = "SHA256";
    const std::array<OSSL_PARAM, 2> parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    if (context == nullptr ||
        EVP_MAC_init(context.get(), bytes_of(secret), secret.size(), parameters.data()) != 1) {
      return nullptr;
    }
    return std::make_shared<HmacKey>(std::move(context));
  }
  explicit HmacKey(MacContext keyed) : keyed_(std::move(keyed)) {}

  std::string sign(std::string_view prefix, std::string_view body) const override {
    // A copy of the keyed state: the key schedule is done once and threads share nothing.
    const MacContext context(EVP_MAC_CTX_dup(keyed_.get()));
    std::array<unsigned char, 32> mac{};
    std::size_t size = 0;
    if (context == nullptr || EVP_MAC_update(context.get(), bytes_of(prefix), prefix.size()) != 1 ||
        EVP_MAC_update(context.get(), bytes_of(body), body.size()) != 1 ||
        EVP_MAC_final(context.get(), mac.data(), &size, mac.size()) != 1) {
      return {};
    }
    return "v1," + base64_encode(view_of(mac.data(), size));
  }

 private:
  MacContext keyed_;
};

class WebhookSigner::Ed25519Key final : public Key {
 public:
  static std::shared_ptr<const Key> create(std::string_view seed) {
    PrivateKey key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), kSeedBytes));
    if (key == nullptr) return nullptr;
    if (seed.size() > kSeedBytes) {
      // seed and public key: they must belong together, or every signature would be refused
      std::array<unsigned char, kPublicBytes> derived{};
      std::size_t size = derived.size();
      if (EVP_PKEY_get_raw_public_key(key.get(), derived.data(), &size) != 1 ||
          view_of(derived.data(), size) != seed.substr(kSeedBytes)) {
        return nullptr;
      }
    }
    return std::make_shared<Ed25519Key>(std::move(key));
  }
  explicit Ed25519Key(PrivateKey key) : key_(std::move(key)) {}

  std::string sign(std::string_view prefix, std::string_view body) const override {
    const std::string message = std::string(prefix) + std::string(body);
    const std::unique_ptr<EVP_MD_CTX, KeyFree> context(EVP_MD_CTX_new());
    std::array<unsigned char, 64> signature{};
    std::size_t size = signature.size();
    if (context == nullptr ||
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(message), message.size()) !=
            1) {
      return {};
    }
    return "v1a," + base64_encode(view_of(signature.data(), size));
  }

 private:
  PrivateKey key_;
};

Result<WebhookSigner> WebhookSigner::create(const std::vector<std::string>& secrets) {
  WebhookSigner signer;
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    const std::string which = "signing secret " + std::to_string(i + 1) + " ";
    const auto wrong = [&](const char* why) {
      return Status::error(Code::ActionSettings, which + why);
    };
    const std::string_view secret = secrets[i];
    const bool symmetric = secret.starts_with("whsec_");
    if (!symmetric && !secret.starts_with("whsk_")) {
      return wrong("must begin with whsec_ (HMAC-SHA256) or whsk_ (Ed25519)");
    }
    const auto bytes = base64_decode(secret.substr(secret.find('_') + 1));
    if (!bytes) return wrong("is not base64 after its prefix");
    std::shared_ptr<const Key> key;
    if (symmetric) {
      if (bytes->size() < 24 || bytes->size() > 64) return wrong("must hold 24 to 64 bytes");
      key = HmacKey::create(*bytes);
      if (key == nullptr) return wrong("cannot be used: no HMAC-SHA256 in this OpenSSL");
    } else {
      if (bytes->size() != kSeedBytes && bytes->size() != kSeedBytes + kPublicBytes) {
        return wrong("must hold 32 bytes (the seed) or 64 (seed and public key)");
      }
      key = Ed25519Key::create(*bytes);
      if (key == nullptr) return wrong("is no Ed25519 key: seed and public key do not match");
    }
    signer.keys_.push_back(std::move(key));
  }
  return signer;
}

std::string WebhookSigner::sign(std::string_view id, std::int64_t timestamp,
                                std::string_view body) const {
  const std::string prefix = std::string(id) + "." + std::to_string(timestamp) + ".";
  std::string signatures;
  for (const auto& key : keys_) {
    const std::string signature = key->sign(prefix, body);
    if (signature.empty()) return {};
    if (!signatures.empty()) signatures += ' ';
    signatures += signature;
  }
  return signatures;
}

}  // namespace observerd::common
