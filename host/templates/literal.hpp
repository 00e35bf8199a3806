#pragma once

#include <cstddef>
#include <string_view>

#include "base/json.hpp"
#include "base/status.hpp"

namespace observerd::templates {

/// Reads a literal of the condition language at `at`, ending before `end`, and moves `at` behind
/// it: a string in single or double quotes (escapes \\ \' \" \n \t \r \uXXXX, and a doubled quote),
/// a JSON number, true, false, null. Errors are OB008 at the place in `text`.
Result<json::Value> read_literal(std::string_view text, std::size_t end, std::size_t& at);

}  // namespace observerd::templates
