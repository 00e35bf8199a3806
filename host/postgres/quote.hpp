#pragma once

#include <string>
#include <string_view>

/// For SQL text that is generated: where a name or a constant cannot be a parameter.
namespace observerd::postgres {

/// `"name"` with quotes inside doubled.
std::string quote_identifier(std::string_view name);
/// `'text'`, or `E'te\\xt'` with backslashes in it: read the same whatever
/// standard_conforming_strings says in the session that reads it.
std::string quote_literal(std::string_view text);

}  // namespace observerd::postgres
