#pragma once

#include <string>
#include <string_view>

/// Patterns as Redis's SCAN … MATCH takes them: * ? [abc] [^a] [a-z], a backslash before a
/// character that stands for itself.
namespace observerd::cache {

/// How many characters at the front stand for themselves. A pattern that begins otherwise (`*`,
/// `*:7`) is refused: it would empty a cache that others may be using.
bool has_literal_start(std::string_view glob);

/// The text with a backslash before what would be special.
std::string escape_glob(std::string_view text);

/// A regular expression (PCRE) that matches the same texts as a whole. Each character that is not a
/// letter, digit or one of /-_ is written as \xHH, so that the expression holds nothing that could
/// end a word or string around it.
std::string glob_to_regex(std::string_view glob);

}  // namespace observerd::cache
