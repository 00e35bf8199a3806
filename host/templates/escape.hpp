#pragma once

#include <string>
#include <string_view>

#include "base/status.hpp"
#include "templates/template.hpp"

namespace observerd::templates {

/// Appends a value's text, escaped for the place. OB008 when a header value holds a control
/// character, which no escaping could make harmless.
Status escape_to(std::string& out, std::string_view text, Escape escape);

/// For text that goes into the place as it is (a template's own, an unescaped value): OB008 for a
/// control character in a header or a URL.
Status check_plain(std::string_view text, Escape escape);
/// Where the character is that check_plain objects to; npos when it does not.
std::size_t find_forbidden(std::string_view text, Escape escape);

}  // namespace observerd::templates
