#include "push/vapid.hpp"

#include "base/json.hpp"
#include "common/base64.hpp"

namespace observerd::push {
namespace {

constexpr std::chrono::hours kLife{12};  // at most 24 (RFC 8292 section 2)
constexpr std::chrono::hours kUse{1};
constexpr std::size_t kMostOrigins = 1'024;

}  // namespace

Vapid::Vapid(const P256Key& key, std::string subject, const Clock& clock)
    : signer_(JwtSigner::es256(key)),
      public_key_(common::base64url_encode(key.public_point())),
      subject_(std::move(subject)),
      clock_(clock) {}

std::string Vapid::claims(const std::string& audience, WallTime expires,
                          const std::string& subject) {
  return json::write(json::Value::object(
      {{"aud", json::Value::string(audience)},
       {"exp", json::Value::integer(std::chrono::system_clock::to_time_t(expires))},
       {"sub", json::Value::string(subject)}}));
}

std::string Vapid::authorization(const std::string& audience) const {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady_now();
  if (tokens_.size() >= kMostOrigins) tokens_.clear();  // origins come from events
  Token& token = tokens_[audience];
  if (token.text.empty() || now >= token.until) {
    token = {signer_.sign(kHeader, claims(audience, clock_.now() + kLife, subject_)), now + kUse};
  }
  if (token.text.empty()) return {};
  return "vapid t=" + token.text + ", k=" + public_key_;
}

}  // namespace observerd::push
