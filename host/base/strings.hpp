#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace observerd {

/// The candidate that the user most likely meant (edit distance at most a third of the word),
/// or "" when none is near.
std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates);

/// ", did you mean \"x\"?" or "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// ASCII only: protocol words, keywords, header names.
std::string ascii_lower(std::string_view text);
bool ascii_iequals(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// True when the bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_valid_utf8(std::string_view text);

/// Line and column, both from 1, of a byte offset; the column counts bytes.
struct LineColumn {
  int line = 1;
  int column = 1;
};
LineColumn line_column(std::string_view text, std::size_t offset);

/// The line that holds `offset` and below it a caret under that byte: two lines, no newline at
/// the end. Long lines are cut around the place.
std::string caret_snippet(std::string_view text, std::size_t offset);

}  // namespace observerd
