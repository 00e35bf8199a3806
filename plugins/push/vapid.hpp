#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "push/jwt.hpp"

namespace observerd::push {

/// How an application server says who it is (VAPID, RFC 8292). A token is for one push service and
/// serves for an hour, though it is good for twelve. Thread-safe.
class Vapid {
 public:
  /// `subject` is a mailto: or https: URI of whoever answers for the messages.
  Vapid(const P256Key& key, std::string subject, const Clock& clock);

  /// The Authorization header for an origin as RFC 6454 writes it ("https://push.example"); ""
  /// only when the cryptography library fails.
  std::string authorization(const std::string& audience) const;
  /// The same with the token masked: for a preview.
  std::string shown() const { return "vapid t=***, k=" + public_key_; }
  /// What a web page subscribes with (applicationServerKey), base64url.
  const std::string& public_key() const { return public_key_; }

  /// The claims of a token (RFC 8292 section 2), in the order of its example.
  static std::string claims(const std::string& audience, WallTime expires,
                            const std::string& subject);
  static constexpr const char* kHeader = R"({"typ":"JWT","alg":"ES256"})";

 private:
  struct Token {
    std::string text;
    SteadyTime until;
  };
  const JwtSigner signer_;
  const std::string public_key_;
  const std::string subject_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, Token> tokens_;
};

}  // namespace observerd::push
