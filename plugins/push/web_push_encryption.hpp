#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "push/p256_key.hpp"

namespace observerd::push {

/// Whom a message is encrypted for: what a browser's subscription says in `keys`, decoded.
struct WebPushReceiver {
  std::string public_point;  ///< p256dh, 65 bytes
  std::string auth;          ///< 16 bytes
};

/// Services need not take bodies above 4096 bytes (RFC 8030 section 7.2): so much of that is left
/// after the header, the padding delimiter and the tag.
inline constexpr std::size_t kMostWebPushBytes = 3'993;

/// Message encryption for Web Push (RFC 8291) in the coding aes128gcm (RFC 8188), one record: the
/// body to send. `ephemeral` and the 16 bytes of `salt` must be new for each message. nullopt when
/// the receiver's point is not on the curve, `auth` or `salt` are not 16 bytes, or the library
/// fails.
std::optional<std::string> encrypt_web_push(std::string_view plaintext,
                                            const WebPushReceiver& receiver,
                                            const P256Key& ephemeral, std::string_view salt);

}  // namespace observerd::push
