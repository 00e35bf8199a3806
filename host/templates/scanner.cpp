#include "templates/scanner.hpp"

#include <string>
#include <utility>

#include "base/strings.hpp"

namespace observerd::templates {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

/// The signs of Mustache that we do not have, and what to tell who wrote one.
std::string_view unsupported(char sign) {
  switch (sign) {
    case '>':
      return "partials ({{> }}) are not supported";
    case '=':
      return "changing the delimiters ({{= =}}) is not supported";
    case '<':
      return "template inheritance ({{< }}) is not supported";
    case '$':
      return "template inheritance ({{$ }}) is not supported";
    case '*':
      return "dynamic names ({{* }}) are not supported";
    default:
      return {};
  }
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    while (at_ < text_.size()) {
      const std::size_t open = text_.find("{{", at_);
      if (open == std::string_view::npos) break;
      if (Status status = tag(open); !status.ok()) return status;
    }
    add_text(text_.size());
    return std::move(tokens_);
  }

 private:
  Status tag(std::size_t open) {
    const bool triple = text_.substr(open, 3) == "{{{";
    std::size_t start = open + (triple ? 3 : 2);
    Token::Kind kind = triple ? Token::Kind::Unescaped : Token::Kind::Value;
    if (!triple) {
      const std::size_t sign_at = text_.find_first_not_of(kSpaces, start);
      const char sign = sign_at == std::string_view::npos ? '\0' : text_[sign_at];
      if (const std::string_view sentence = unsupported(sign); !sentence.empty()) {
        return syntax_error(text_, sign_at, std::string(sentence));
      }
      if (sign == '!') return comment(open, sign_at + 1);
      if (sign == '&') kind = Token::Kind::Unescaped;
      if (sign == '#') kind = Token::Kind::Section;
      if (sign == '^') kind = Token::Kind::Inverted;
      if (sign == '/') kind = Token::Kind::Close;
      if (kind != Token::Kind::Value) start = sign_at + 1;
    }

    const std::string_view closer = triple ? "}}}" : "}}";
    std::size_t open_quote = std::string_view::npos;
    const std::size_t close = find_unquoted(text_, start, closer, open_quote);
    if (close == std::string_view::npos) {
      if (open_quote != std::string_view::npos &&
          text_.find(closer, open_quote) != std::string_view::npos) {
        return syntax_error(text_, open_quote, "this quote is never closed");
      }
      return syntax_error(text_, open,
                          "this tag is never closed, expected \"" + std::string(closer) + "\"");
    }
    const std::size_t end = close + closer.size();
    const bool standalone =
        kind != Token::Kind::Value && kind != Token::Kind::Unescaped && is_standalone(open, end);
    add_text(standalone ? line_start(open) : open);
    tokens_.push_back({kind, open, text_.substr(start, close - start)});
    at_ = standalone ? next_line(end) : end;
    return {};
  }

  Status comment(std::size_t open, std::size_t start) {
    const std::size_t close = text_.find("}}", start);
    if (close == std::string_view::npos) {
      return syntax_error(text_, open, "this comment is never closed, expected \"}}\"");
    }
    const std::size_t end = close + 2;
    const bool standalone = is_standalone(open, end);
    add_text(standalone ? line_start(open) : open);
    at_ = standalone ? next_line(end) : end;
    return {};
  }

  void add_text(std::size_t end) {
    if (end > at_) tokens_.push_back({Token::Kind::Text, at_, text_.substr(at_, end - at_)});
  }

  /// Whether nothing but blanks shares the lines of the tag that is [open, end). Another tag ends
  /// in a brace, so the template's own text tells.
  bool is_standalone(std::size_t open, std::size_t end) const {
    const std::size_t start = line_start(open);
    if (start != 0 && text_[start - 1] != '\n') return false;
    const std::size_t after = text_.find_first_not_of(" \t", end);
    return after == std::string_view::npos || text_[after] == '\n' ||
           text_.substr(after, 2) == "\r\n";
  }

  std::size_t line_start(std::size_t open) const {
    while (open > 0 && (text_[open - 1] == ' ' || text_[open - 1] == '\t')) --open;
    return open;
  }

  std::size_t next_line(std::size_t end) const {
    const std::size_t newline = text_.find('\n', end);
    return newline == std::string_view::npos ? text_.size() : newline + 1;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> scan(std::string_view text) {
  return Scanner(text).run();
}

std::size_t find_unquoted(std::string_view text, std::size_t from, std::string_view wanted,
                          std::size_t& open_quote) {
  open_quote = std::string_view::npos;
  for (std::size_t at = from; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      const std::size_t quote = at;
      // A doubled quote closes and opens again, which comes to the same.
      for (++at; at < text.size() && text[at] != c; ++at) {
        if (text[at] == '\\') ++at;
      }
      if (at >= text.size()) {
        open_quote = quote;
        break;
      }
    } else if (text.substr(at, wanted.size()) == wanted) {
      return at;
    }
  }
  return std::string_view::npos;
}

Status syntax_error(std::string_view text, std::size_t offset, std::string message) {
  const LineColumn where = line_column(text, offset);
  Place place;
  place.line = where.line;
  place.column = where.column;
  return Status::error(Code::Template, std::move(message))
      .at(std::move(place))
      .note(caret_snippet(text, offset));
}

}  // namespace observerd::templates
