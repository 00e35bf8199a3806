#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace observerd::common {

/// RFC 4648 section 4: the standard alphabet, padded.
std::string base64_encode(std::string_view bytes);

/// Takes the standard alphabet only; the padding may be missing. nullopt for anything else.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace observerd::common
