#include "templates/parser.hpp"

#include <string>
#include <utility>
#include <vector>

#include "templates/escape.hpp"
#include "templates/expression.hpp"
#include "templates/scanner.hpp"

namespace observerd::templates {
namespace {

/// Builds the tree from the scanner's tokens; the sections that are open form a stack.
class Builder {
 public:
  Builder(std::string_view text, Escape escape) : text_(text), escape_(escape) {
    open_.push_back({Node(), 0});
  }

  Status add(const Token& token) {
    switch (token.kind) {
      case Token::Kind::Text:
        return add_text(token);
      case Token::Kind::Value:
      case Token::Kind::Unescaped:
        return add_value(token);
      case Token::Kind::Section:
      case Token::Kind::Inverted:
        return open_section(token);
      case Token::Kind::Close:
        return close_section(token);
    }
    return {};
  }

  Result<Node> finish() {
    if (open_.size() > 1) {
      const Open& section = open_.back();
      return syntax_error(text_, section.offset,
                          "the section \"" + section.node.reference.text +
                              "\" is never closed, expected {{/" + section.node.reference.text +
                              "}}");
    }
    return std::move(open_.front().node);
  }

 private:
  struct Open {
    Node node;
    std::size_t offset;
  };

  std::vector<Node>& siblings() { return open_.back().node.children; }

  Status add_text(const Token& token) {
    if (Status status = check_plain(token.content, escape_); !status.ok()) {
      return syntax_error(text_, token.offset + find_forbidden(token.content, escape_),
                          status.message());
    }
    if (!siblings().empty() && siblings().back().kind == Node::Kind::Text) {
      siblings().back().text += token.content;  // only a comment stood between them
      return {};
    }
    Node node;
    node.kind = Node::Kind::Text;
    node.text = token.content;
    node.place = place_of(token);
    siblings().push_back(std::move(node));
    return {};
  }

  Status add_value(const Token& token) {
    Result<Expression> expression = parse_expression(text_, token.content);
    if (!expression) return expression.status();
    Node node;
    node.kind = Node::Kind::Value;
    node.reference = std::move(expression->reference);
    node.filters = std::move(expression->filters);
    node.escaped = token.kind == Token::Kind::Value;
    node.place = place_of(token);
    siblings().push_back(std::move(node));
    return {};
  }

  Status open_section(const Token& token) {
    if (open_.size() > kMaxSectionDepth) {
      return syntax_error(
          text_, token.offset,
          "sections are nested deeper than " + std::to_string(kMaxSectionDepth) + " levels");
    }
    Result<Reference> reference = parse_section_name(text_, token.content);
    if (!reference) return reference.status();
    Node node;
    node.kind = token.kind == Token::Kind::Section ? Node::Kind::Section : Node::Kind::Inverted;
    node.reference = std::move(*reference);
    node.place = place_of(token);
    open_.push_back({std::move(node), token.offset});
    return {};
  }

  Status close_section(const Token& token) {
    Result<Reference> reference = parse_section_name(text_, token.content);
    if (!reference) return reference.status();
    if (open_.size() == 1) {
      return syntax_error(text_, token.offset,
                          "{{/" + reference->text + "}} closes a section that is not open");
    }
    Open closed = std::move(open_.back());
    open_.pop_back();
    if (!closed.node.reference.same_as(*reference)) {
      return syntax_error(text_, token.offset,
                          "{{/" + reference->text + "}} cannot close the section \"" +
                              closed.node.reference.text + "\" of line " +
                              std::to_string(closed.node.place.line));
    }
    siblings().push_back(std::move(closed.node));
    return {};
  }

  /// Tokens come in order: counting goes on where it stopped, so that the whole stays linear.
  LineColumn place_of(const Token& token) {
    for (; counted_ < token.offset; ++counted_) {
      ++place_.column;
      if (text_[counted_] == '\n') place_ = {place_.line + 1, 1};
    }
    return place_;
  }

  std::string_view text_;
  Escape escape_;
  LineColumn place_;
  std::size_t counted_ = 0;
  std::vector<Open> open_;  // the root, then the sections that are open
};

}  // namespace

Result<Node> parse_tree(std::string_view text, Escape escape) {
  if (text.size() > kMaxTemplateBytes) {
    return Status::error(Code::Template, "the template is longer than " +
                                             std::to_string(kMaxTemplateBytes) + " bytes");
  }
  if (!is_valid_utf8(text)) return Status::error(Code::Template, "the template is not UTF-8");
  Result<std::vector<Token>> tokens = scan(text);
  if (!tokens) return tokens.status();
  Builder builder(text, escape);
  for (const Token& token : *tokens) {
    if (Status status = builder.add(token); !status.ok()) return status;
  }
  return builder.finish();
}

}  // namespace observerd::templates
