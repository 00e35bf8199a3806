#pragma once

#include <string>
#include <string_view>

namespace observerd::plugin {

/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits. "" when the crypto library refuses,
/// which matches no pin.
std::string sha256_hex(std::string_view bytes);

}  // namespace observerd::plugin
