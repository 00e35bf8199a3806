#pragma once

#include <memory>
#include <string>

#include "base/status.hpp"
#include "push/p256_key.hpp"

namespace observerd::push {

/// Signs JSON Web Tokens (RFC 7519) in the compact form (RFC 7515 section 3.1). Immutable, cheap to
/// copy; thread-safe.
class JwtSigner {
 public:
  /// RS256 with an RSA key of 2048 bits or more in PEM. The error is OB005, without the key.
  static Result<JwtSigner> rs256(const std::string& pem);
  /// ES256 (RFC 7518 section 3.4).
  static JwtSigner es256(const P256Key& key);

  /// `header` and `claims` are JSON texts. "" only when the cryptography library fails.
  std::string sign(const std::string& header, const std::string& claims) const;

 private:
  JwtSigner(std::shared_ptr<EVP_PKEY> key, bool is_ec) : key_(std::move(key)), is_ec_(is_ec) {}
  std::shared_ptr<EVP_PKEY> key_;
  bool is_ec_;
};

}  // namespace observerd::push
