#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace observerd::check {

/// What comes before and after a result in its pipe: random for each test, so that nothing that a
/// plugin writes by accident, or kept from another run, is a result.
using Nonce = std::array<std::uint8_t, 16>;
Nonce random_nonce();

/// nonce, length (4 bytes, this machine's order), payload, nonce.
std::string frame(const Nonce& nonce, std::string_view payload);

/// The payload, when the bytes are exactly one frame and not a byte more.
std::optional<std::string> unframe(const Nonce& nonce, std::string_view bytes);

}  // namespace observerd::check
