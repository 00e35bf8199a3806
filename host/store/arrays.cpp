#include "store/arrays.hpp"

#include <chrono>

#include "base/strings.hpp"

namespace observerd::store {

void ArrayText::separate() {
  if (count_++ > 0) body_ += ',';
}

void ArrayText::add_word(std::string_view word) {
  separate();
  body_ += word;
}

void ArrayText::add_null() {
  add_word("NULL");
}

void ArrayText::add_number(std::int64_t value) {
  add_word(std::to_string(value));
}

void ArrayText::add_time(WallTime time) {
  add_number(to_microseconds(time));
}

void ArrayText::add_quoted(std::string_view text) {
  separate();
  body_.reserve(body_.size() + text.size() + text.size() / 8 + 2);
  body_ += '"';
  std::size_t from = 0;
  while (true) {
    const std::size_t at = text.find_first_of("\"\\", from);
    if (at == std::string_view::npos) break;
    body_.append(text, from, at - from);
    body_ += '\\';
    body_ += text[at];
    from = at + 1;
  }
  body_.append(text, from);
  body_ += '"';
}

void ArrayText::add_text(std::string_view text) {
  if (text.find('\0') == std::string_view::npos && is_valid_utf8(text)) {
    add_quoted(text);
  } else {
    add_quoted(storable_text(text));
  }
}

void ArrayText::add_text_or_null(std::string_view text) {
  if (text.empty()) {
    add_null();
  } else {
    add_text(text);
  }
}

void ArrayText::add_json_or_null(std::string_view text) {
  if (text.empty()) {
    add_null();
  } else {
    add_quoted(text);
  }
}

std::string storable_text(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  std::size_t at = 0;
  while (at < text.size()) {
    // The longest well-formed character here; none is longer than four bytes.
    std::size_t length = 0;
    for (std::size_t n = 1; n <= 4 && at + n <= text.size(); ++n) {
      if (is_valid_utf8(text.substr(at, n))) {
        length = n;
        break;
      }
    }
    if (length == 0 || text[at] == '\0') {
      out += "\xEF\xBF\xBD";
      ++at;
    } else {
      out.append(text, at, length);
      at += length;
    }
  }
  return out;
}

std::int64_t to_microseconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

WallTime from_microseconds(std::int64_t microseconds) {
  return WallTime(
      std::chrono::duration_cast<WallTime::duration>(std::chrono::microseconds(microseconds)));
}

}  // namespace observerd::store
