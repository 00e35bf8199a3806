#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace observerd::common {

/// Signs messages as Standard Webhooks 1.0.0 says: over `id.timestamp.body`, with HMAC-SHA256
/// (secret "whsec_" + base64 of 24 to 64 bytes, scheme v1) or Ed25519 (key "whsk_" + base64 of the
/// seed, or of seed and public key, scheme v1a). With several secrets each signs, in the order
/// given: that is how a receiver changes its secret without a gap.
///
/// Immutable, cheap to copy; thread-safe.
class WebhookSigner {
 public:
  /// The error is OB005; it holds the position of the secret but nothing of its text.
  static Result<WebhookSigner> create(const std::vector<std::string>& secrets);

  /// The value of webhook-signature: "v1,BASE64 v1a,BASE64". `timestamp` is in seconds since 1970;
  /// `body` must be the very bytes that are sent. "" only when the cryptography library fails.
  std::string sign(std::string_view id, std::int64_t timestamp, std::string_view body) const;

 private:
  class Key;
  class HmacKey;
  class Ed25519Key;
  std::vector<std::shared_ptr<const Key>> keys_;
};

}  // namespace observerd::common
