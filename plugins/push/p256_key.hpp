#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "push/openssl.hpp"

namespace observerd::push {

/// A private key on the curve P-256 (FIPS 186). Points are 65 bytes: 4, x, y; scalars 32 bytes.
/// Immutable, cheap to copy; thread-safe.
class P256Key {
 public:
  /// nullopt when the library fails.
  static std::optional<P256Key> generate();
  /// nullopt when it is no scalar of the curve.
  static std::optional<P256Key> from_scalar(std::string_view scalar);
  /// Takes PKCS #8 and SEC1, not encrypted. nullopt for anything but a private key on P-256.
  static std::optional<P256Key> from_pem(std::string_view pem);

  const std::string& public_point() const { return point_; }
  /// The 32 bytes that both sides get (ECDH). nullopt when `peer` is no point of the curve.
  std::optional<std::string> agree(std::string_view peer) const;
  EVP_PKEY* get() const { return key_.get(); }

 private:
  explicit P256Key(Owned<EVP_PKEY> key);
  std::shared_ptr<EVP_PKEY> key_;
  std::string point_;
};

/// Whether these 65 bytes are a point of the curve.
bool is_p256_point(std::string_view point);

/// A private key of a PEM text, nullptr for anything else. Never asks for a pass phrase.
Owned<EVP_PKEY> read_private_key(std::string_view pem);

}  // namespace observerd::push
