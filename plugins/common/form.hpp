#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace observerd::common {

/// Names and values in the order in which they are sent.
using Form = std::vector<std::pair<std::string, std::string>>;

/// All but unreserved characters (RFC 3986 section 2.3) as %XX: a value within a path or query.
std::string percent_encode(const std::string& text);

/// application/x-www-form-urlencoded: UTF-8, all but unreserved characters as %XX.
std::string encode_form(const Form& form);

/// "Basic …" of RFC 7617: what goes into Authorization.
std::string basic_authorization(std::string_view user, std::string_view password);

}  // namespace observerd::common
