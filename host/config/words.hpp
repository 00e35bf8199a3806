#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

/// The wording that all messages about a configuration share.
namespace observerd::config {

/// "a, b or c".
std::string either(const std::vector<std::string>& parts);

/// "x" in quotes, for names.
std::string in_quotes(std::string_view name);
std::vector<std::string> quote_all(const std::vector<std::string>& names);

/// "must be a string, is a number".
std::string must_be(std::string_view wanted, const json::Value& value);

}  // namespace observerd::config
