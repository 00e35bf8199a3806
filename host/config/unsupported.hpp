#pragma once

#include <string_view>

/// What the language of the configuration names already and this version does not do. Refused, so
/// that nobody relies on a setting that nothing reads.
namespace observerd::config {

/// `section` is the kind of object: "configuration", "defaults", "action", "runtime", …
bool is_unsupported(std::string_view section, std::string_view key);
/// A supported key with a value that is not.
bool is_unsupported_value(std::string_view section, std::string_view key, std::string_view value);

}  // namespace observerd::config
