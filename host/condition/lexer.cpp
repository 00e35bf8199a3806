#include "condition/lexer.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "condition/unicode.hpp"
#include "event/decimal.hpp"
#include "event/path.hpp"

namespace observerd::condition {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct Symbol {
  std::string_view text;
  TokenKind kind;
};

// Longer ones first.
constexpr Symbol kSymbols[] = {
    {"&&", TokenKind::And},
    {"||", TokenKind::Or},
    {"==", TokenKind::Equal},
    {"!=", TokenKind::NotEqual},
    {"<>", TokenKind::NotEqual},
    {"<=", TokenKind::LessOrEqual},
    {">=", TokenKind::GreaterOrEqual},
    {"=", TokenKind::Equal},
    {"<", TokenKind::Less},
    {">", TokenKind::Greater},
    {"!", TokenKind::Not},
    {"(", TokenKind::LeftParen},
    {")", TokenKind::RightParen},
    {"[", TokenKind::LeftBracket},
    {"]", TokenKind::RightBracket},
    {",", TokenKind::Comma},
};

}  // namespace

Status syntax_error(std::string_view text, std::size_t offset, std::string message) {
  const LineColumn where = line_column(text, offset);
  return Status::error(Code::ConditionSyntax, std::move(message))
      .at({"", where.line, where.column, ""})
      .note(caret_snippet(text, offset));
}

char Lexer::peek() const {
  std::size_t at = at_;
  while (at < text_.size() && is_space(text_[at])) ++at;
  return at < text_.size() ? text_[at] : '\0';
}

Result<Token> Lexer::next() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  if (at_ == text_.size()) return Token{TokenKind::End, at_, at_};
  const char c = text_[at_];
  const std::size_t begin = at_;
  if (is_identifier_start(c)) {
    while (at_ < text_.size() && is_identifier_part(text_[at_])) ++at_;
    return Token{TokenKind::Word, begin, at_, std::string(text_.substr(begin, at_ - begin))};
  }
  if (c == '"' || c == '\'') {
    auto value = scan_string(text_, at_, Code::ConditionSyntax);
    if (!value) return value.status();
    return Token{TokenKind::String, begin, at_, std::move(*value)};
  }
  if ((c >= '0' && c <= '9') || c == '-') return number();
  return symbol();
}

/// Takes everything that a writer may have meant as one number, so that `1_000` is one mistake and
/// not a number followed by a name.
Result<Token> Lexer::number() {
  const std::size_t begin = at_++;
  while (at_ < text_.size()) {
    const char before = text_[at_ - 1];
    const bool exponent_sign =
        (text_[at_] == '+' || text_[at_] == '-') && (before == 'e' || before == 'E');
    if (!is_identifier_part(text_[at_]) && text_[at_] != '.' && !exponent_sign) break;
    ++at_;
  }
  const std::string_view literal = text_.substr(begin, at_ - begin);
  if (!is_number_literal(literal)) {
    return syntax_error(text_, begin,
                        '"' + std::string(literal) + "\" is not a number (as JSON writes them)");
  }
  return Token{TokenKind::Number, begin, at_, std::string(literal)};
}

Result<Token> Lexer::symbol() {
  const std::string_view rest = text_.substr(at_);
  const auto* found = std::find_if(std::begin(kSymbols), std::end(kSymbols), [&](const Symbol& s) {
    return rest.substr(0, s.text.size()) == s.text;
  });
  if (found != std::end(kSymbols)) {
    const std::size_t begin = at_;
    at_ += found->text.size();
    return Token{found->kind, begin, at_};
  }
  const std::string character(rest.substr(0, next_code_point(rest, 0)));
  std::string message = "\"" + character + "\" means nothing here";
  if (character == "&") message += ", did you mean \"&&\"?";
  if (character == "|") message += ", did you mean \"||\"?";
  if (character == ".") message += ": a number needs a digit before the point";
  return syntax_error(text_, at_, message);
}

}  // namespace observerd::condition
