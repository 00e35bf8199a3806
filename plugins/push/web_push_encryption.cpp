#include "push/web_push_encryption.hpp"

#include <openssl/hmac.h>

namespace observerd::push {
namespace {

constexpr std::size_t kSecretBytes = 16;  // of auth and salt
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr unsigned kRecordBytes = 4'096;
constexpr char kLastRecord = 2;  // RFC 8188 section 2

std::string hmac(std::string_view key, const std::string& text) {
  std::string mac(kHashBytes, '\0');
  const bool ok =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(std::string_view(text)),
           text.size(), bytes_of(mac), nullptr) != nullptr;
  return ok ? mac : std::string();
}

/// HKDF (RFC 5869) of at most one block, which is all that is needed here.
std::string hkdf(std::string_view salt, const std::string& secret, const std::string& info,
                 std::size_t size) {
  const std::string key = hmac(salt, secret);
  return key.empty() ? key : hmac(key, info + '\1').substr(0, size);
}

std::string with_nul(std::string_view text) {
  return std::string(text) + '\0';
}

std::string seal(const std::string& key, const std::string& nonce, const std::string& record) {
  const Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  std::string out(record.size() + kTagBytes, '\0');
  int size = 0;
  int rest = 0;
  const bool ok =
      context != nullptr &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, bytes_of(std::string_view(key)),
                         bytes_of(std::string_view(nonce))) == 1 &&
      EVP_EncryptUpdate(context.get(), bytes_of(out), &size, bytes_of(std::string_view(record)),
                        static_cast<int>(record.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), bytes_of(out) + size, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          bytes_of(out) + record.size()) == 1;
  return ok ? out : std::string();
}

/// Salt, record size, and the sender's point as the key's id (RFC 8188 section 2.1).
std::string header(std::string_view salt, const std::string& point) {
  std::string out(salt);
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>((kRecordBytes >> shift) & 0xFFU);
  }
  out += static_cast<char>(point.size());
  return out + point;
}

}  // namespace

std::optional<std::string> encrypt_web_push(std::string_view plaintext,
                                            const WebPushReceiver& receiver,
                                            const P256Key& ephemeral, std::string_view salt) {
  if (receiver.auth.size() != kSecretBytes || salt.size() != kSecretBytes ||
      plaintext.size() > kRecordBytes - kTagBytes - 1) {
    return std::nullopt;
  }
  const auto shared = ephemeral.agree(receiver.public_point);
  if (!shared) return std::nullopt;
  // RFC 8291 section 3.4
  const std::string secret = hkdf(
      receiver.auth, *shared,
      with_nul("WebPush: info") + receiver.public_point + ephemeral.public_point(), kHashBytes);
  const std::string key = hkdf(salt, secret, with_nul("Content-Encoding: aes128gcm"), 16);
  const std::string nonce = hkdf(salt, secret, with_nul("Content-Encoding: nonce"), 12);
  if (key.size() != 16 || nonce.size() != 12) return std::nullopt;
  const std::string sealed = seal(key, nonce, std::string(plaintext) + kLastRecord);
  if (sealed.empty()) return std::nullopt;
  return header(salt, ephemeral.public_point()) + sealed;
}

}  // namespace observerd::push
