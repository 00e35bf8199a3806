#pragma once

#include <map>
#include <string>

namespace observerd::testing {

/// Names and values of an application/x-www-form-urlencoded body as a server reads it. Throws
/// std::runtime_error when a field has no value or a name is there twice.
std::map<std::string, std::string> read_form(const std::string& body);

}  // namespace observerd::testing
