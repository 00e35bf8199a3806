#pragma once

#include <cstddef>
#include <string_view>

/// Text as the functions of the language see it: code points of well-formed UTF-8.
namespace observerd::condition {

inline bool is_continuation_byte(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// The byte behind the code point that starts at `at` < text.size().
std::size_t next_code_point(std::string_view text, std::size_t at);
std::size_t count_code_points(std::string_view text);

}  // namespace observerd::condition
