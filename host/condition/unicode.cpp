#include "condition/unicode.hpp"

#include <algorithm>

namespace observerd::condition {

std::size_t next_code_point(std::string_view text, std::size_t at) {
  do {
    ++at;
  } while (at < text.size() && is_continuation_byte(text[at]));
  return at;
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation_byte(c); }));
}

}  // namespace observerd::condition
