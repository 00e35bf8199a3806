#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text as the functions of the language see it: code points of well-formed UTF-8, and letters in
/// upper and lower case whatever the locale of the process is.
namespace observerd::condition {

inline bool is_continuation_byte(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// The byte behind the code point that starts at `at` < text.size().
std::size_t next_code_point(std::string_view text, std::size_t at);
std::size_t count_code_points(std::string_view text);

/// Simple case mapping (Unicode, one code point to one) of the Latin, Greek, Cyrillic and Armenian
/// letters and the full-width Latin ones; every other character stays. Of Latin these are the
/// blocks Basic, Latin-1, Extended-A, the letters with caron, and U+01DE-021F, U+1E00-1EFF. So `ß`
/// has no upper case, and a final sigma becomes Σ.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

}  // namespace observerd::condition
