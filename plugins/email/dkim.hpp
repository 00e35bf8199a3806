#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/status.hpp"

namespace observerd::email {

/// Signs mail with DomainKeys Identified Mail (RFC 6376; Ed25519 by RFC 8463), canonicalisation
/// relaxed/relaxed, over the whole body. From is signed once more than it is there, so that no
/// second one can be added. Immutable; thread-safe.
class DkimSigner {
 public:
  /// `pem`: an RSA key of 1024 bits or more, or an Ed25519 key, unencrypted. The record of the
  /// public key stands at SELECTOR._domainkey.DOMAIN. The error is OB005 and holds nothing of it.
  static Result<DkimSigner> create(std::string domain, std::string selector,
                                   const std::string& pem);

  /// The DKIM-Signature header, with CRLF, that goes before `message` (as compose() made it); the
  /// error is OB006: OpenSSL refused.
  Result<std::string> sign(std::string_view message, WallTime now) const;

 private:
  DkimSigner(std::string domain, std::string selector, EVP_PKEY* key);
  Result<std::string> signature(const std::string& hashed) const;

  std::string domain_, selector_;
  std::shared_ptr<EVP_PKEY> key_;
  bool is_rsa_;
};

/// The two canonical forms of RFC 6376 section 3.4, relaxed. A header is given and returned with
/// its CRLF.
std::string relaxed_header(std::string_view header);
std::string relaxed_body(std::string_view body);

}  // namespace observerd::email
