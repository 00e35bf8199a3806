#include "config/condition_place.hpp"

#include <algorithm>
#include <charconv>

namespace observerd::config {
namespace {

/// One character of a string literal: what it takes in the source and in the value.
struct Step {
  std::size_t written = 1;
  std::size_t value = 1;
};

Step unicode_escape(std::string_view source, std::size_t at) {
  unsigned unit = 0;
  const std::string_view digits = source.substr(std::min(at + 2, source.size()), 4);
  std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
  if (unit >= 0xD800 && unit < 0xDC00) return {12, 4};  // two escapes, one character
  return {6, unit < 0x80 ? 1u : unit < 0x800 ? 2u : 3u};
}

Step step_at(std::string_view source, std::size_t at) {
  if (source[at] != '\\' || at + 1 >= source.size()) return {};
  return source[at + 1] == 'u' ? unicode_escape(source, at) : Step{2, 1};
}

std::size_t offset_of(std::string_view text, int line, int column) {
  std::size_t start = 0;
  for (int i = 1; i < line; ++i) {
    const std::size_t newline = text.find('\n', start);
    if (newline == std::string_view::npos) break;
    start = newline + 1;
  }
  return std::min(start + static_cast<std::size_t>(std::max(column - 1, 0)), text.size());
}

}  // namespace

std::size_t offset_in_literal(std::string_view source, std::size_t quote, std::size_t offset) {
  std::size_t at = quote + 1;
  std::size_t value = 0;
  while (at < source.size() && source[at] != '"') {
    const Step step = step_at(source, at);
    if (value + step.value > offset) break;
    value += step.value;
    at += step.written;
  }
  return std::min(at, source.size());
}

Place condition_place(const Sources& sources, const json::Value& written, std::string_view text,
                      const Place& inside, std::string pointer) {
  json::Origin origin = written.origin();
  if (written.is_string() && inside.line > 0 && written.text() == text) {
    const std::size_t offset = offset_of(text, inside.line, inside.column);
    origin.offset = static_cast<std::uint32_t>(
        offset_in_literal(sources.text(origin.source), origin.offset, offset));
  }
  return sources.place(origin, std::move(pointer));
}

}  // namespace observerd::config
