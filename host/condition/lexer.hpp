#pragma once

#include <string>
#include <string_view>

#include "base/status.hpp"

namespace observerd::condition {

enum class TokenKind : unsigned char {
  End,
  Word,
  Number,
  String,
  LeftParen,
  RightParen,
  LeftBracket,
  RightBracket,
  Comma,
  And,
  Or,
  Not,
  Equal,
  NotEqual,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual
};

struct Token {
  TokenKind kind = TokenKind::End;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string value = {};  ///< of a String, escapes resolved; of a Word or Number as written
};

/// OB003 at a byte of the text: line, column and caret.
Status syntax_error(std::string_view text, std::size_t offset, std::string message);

/// Splits a condition into tokens, on demand. Paths are not tokens: the parser sees their first
/// word and reads on with scan_path, then seeks behind it.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<Token> next();
  void seek(std::size_t offset) { at_ = offset; }
  /// The next character that is not white space, or NUL; nothing is taken.
  char peek() const;

 private:
  Result<Token> symbol();
  Result<Token> number();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace observerd::condition
