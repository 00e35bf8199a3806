#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace observerd::templates {

/// One piece of a template's text: plain text, or a tag. Offsets count bytes of the template.
struct Token {
  enum class Kind : unsigned char { Text, Value, Unescaped, Section, Inverted, Close };

  Kind kind = Kind::Text;
  std::size_t offset = 0;    ///< of the text, or of the tag's braces
  std::string_view content;  ///< the text, or what stands in the tag behind its sign; never trimmed
};

/// Cuts a template into text and tags. Comments are dropped, and with them the lines that hold
/// nothing but a comment or one end of a section (the Mustache specification's standalone lines).
/// The views point into `text`. Errors are OB008 with line, column and caret.
Result<std::vector<Token>> scan(std::string_view text);

/// The offset of `wanted` in `text` at or behind `from`, outside of quoted strings; npos if there
/// is none. `open_quote` becomes the offset of a quote that is never closed, else npos.
std::size_t find_unquoted(std::string_view text, std::size_t from, std::string_view wanted,
                          std::size_t& open_quote);

/// OB008 at a byte of a template.
Status syntax_error(std::string_view text, std::size_t offset, std::string message);

}  // namespace observerd::templates
