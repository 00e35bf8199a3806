#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace observerd::common {

/// RFC 4648 section 4: the standard alphabet, padded.
std::string base64_encode(std::string_view bytes);

/// Takes the standard alphabet only; the padding may be missing. nullopt for anything else.
std::optional<std::string> base64_decode(std::string_view text);

/// RFC 4648 section 5: the alphabet for URLs and file names, without padding.
std::string base64url_encode(std::string_view bytes);

/// Takes either alphabet, as browsers and libraries write both; the padding may be missing.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace observerd::common
