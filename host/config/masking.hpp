#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace observerd::config {

inline constexpr std::string_view kMasked = "***";

/// Byte ranges [first, second) of the passwords in a URL: of its userinfo, and of the query
/// parameters password and sslpassword. Where a URL is broken more is taken rather than less.
std::vector<std::pair<std::size_t, std::size_t>> url_password_spans(std::string_view url);

/// "%40" as "@"; a broken escape stays as it is.
std::string percent_decoded(std::string_view text);

/// Does a header of that name carry a credential? Authorization, Cookie, X-Api-Key, *token*,
/// *secret*, *key*, *password*.
bool header_suggests_credential(std::string_view name);
/// The same for a setting of a type whose schema is not at hand.
bool setting_suggests_credential(std::string_view name);

}  // namespace observerd::config
