#include "condition/parser.hpp"

#include <re2/re2.h>

#include "base/strings.hpp"
#include "condition/functions.hpp"
#include "condition/lexer.hpp"

namespace observerd::condition {
namespace {

constexpr std::string_view kKeywords[] = {"and",  "or",      "not",  "in",    "is",
                                          "like", "matches", "true", "false", "null"};

bool is_word(const Token& token, std::string_view word) {
  return token.kind == TokenKind::Word && ascii_iequals(token.value, word);
}

bool is_keyword(const Token& token) {
  for (const std::string_view word : kKeywords) {
    if (is_word(token, word)) return true;
  }
  return false;
}

std::optional<Comparison> comparison_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::Equal:
      return Comparison::Equal;
    case TokenKind::NotEqual:
      return Comparison::NotEqual;
    case TokenKind::Less:
      return Comparison::Less;
    case TokenKind::LessOrEqual:
      return Comparison::LessOrEqual;
    case TokenKind::Greater:
      return Comparison::Greater;
    case TokenKind::GreaterOrEqual:
      return Comparison::GreaterOrEqual;
    default:
      return std::nullopt;
  }
}

/// Recursive descent, one function a rule of the grammar (see README.md). A function returns false
/// when it failed; status_ then says why. The depth is bounded by kMaxDepth.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), lexer_(text) {}

  Result<Node> parse() {
    Node root;
    if (!advance() || !parse_or(root) || !require_truth(root)) return status_;
    if (token_.kind != TokenKind::End) {
      expected("AND, OR or the end of the condition");
      return status_;
    }
    return root;
  }

 private:
  bool fail(std::size_t offset, std::string message) {
    if (status_.ok()) status_ = syntax_error(text_, offset, std::move(message));
    return false;
  }
  bool fail(Status status) {
    status_ = std::move(status);
    return false;
  }

  /// "expected WHAT, found WHAT", at the current token.
  bool expected(std::string_view what, std::string_view hint = {}) {
    std::string message = "expected " + std::string(what) + ", found ";
    if (token_.kind == TokenKind::End) {
      message += "the end of the condition";
    } else {
      message += '"' + std::string(text_.substr(token_.begin, token_.end - token_.begin)) + '"';
    }
    fail(token_.begin, message);
    if (!hint.empty()) status_.note(std::string(hint));
    return false;
  }

  bool advance() {
    auto token = lexer_.next();
    if (!token) return fail(token.status());
    token_ = std::move(*token);
    return true;
  }
  bool seek(std::size_t offset) {
    lexer_.seek(offset);
    return advance();
  }

  Node make(NodeKind kind) const {
    Node node;
    node.kind = kind;
    node.offset = static_cast<std::uint32_t>(token_.begin);
    return node;
  }

  bool enter() {
    if (++depth_ <= kMaxDepth) return true;
    return fail(token_.begin, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
  }
  void leave() { --depth_; }

  bool parse_or(Node& out) { return chain(out, NodeKind::Or, TokenKind::Or, "or"); }
  bool parse_and(Node& out) { return chain(out, NodeKind::And, TokenKind::And, "and"); }

  bool chain(Node& out, NodeKind kind, TokenKind symbol, std::string_view word) {
    const auto part = [&](Node& node) {
      return kind == NodeKind::Or ? parse_and(node) : parse_not(node);
    };
    if (!part(out)) return false;
    if (token_.kind != symbol && !is_word(token_, word)) return true;
    if (!require_truth(out)) return false;
    Node node = make(kind);
    node.offset = out.offset;
    append(node, std::move(out));
    while (token_.kind == symbol || is_word(token_, word)) {
      Node next;
      if (!advance() || !part(next) || !require_truth(next)) return false;
      append(node, std::move(next));
    }
    out = std::move(node);
    return true;
  }

  /// `a && (b && c)` is one chain: both operators are associative, errors included.
  static void append(Node& chain, Node part) {
    if (part.kind != chain.kind) {
      chain.children.push_back(std::move(part));
      return;
    }
    for (Node& child : part.children) chain.children.push_back(std::move(child));
  }

  bool parse_not(Node& out) {
    if (token_.kind != TokenKind::Not && !is_word(token_, "not")) return predicate(out);
    Node node = make(NodeKind::Not);
    Node operand;
    if (!enter() || !advance()) return false;
    // The parenthesis right behind a negation is no level of its own: printing adds it.
    free_parenthesis_ = token_.kind == TokenKind::LeftParen;
    if (!parse_not(operand) || !require_truth(operand)) return false;
    leave();
    node.children.push_back(std::move(operand));
    out = std::move(node);
    return true;
  }

  /// A literal that is no boolean can never hold: `status == 'a' || 'b'` is a common slip.
  bool require_truth(const Node& node) {
    if (node.kind != NodeKind::Literal || node.literal().is_boolean()) return true;
    if (!fail(node.offset, print(node) + " alone is neither true nor false")) {
      status_.note("compare it with something, or list values: field IN ('a', 'b')");
    }
    return false;
  }

  bool predicate(Node& out) {
    Node left;
    if (!operand(left)) return false;
    if (const auto comparison = comparison_of(token_.kind)) {
      Node node = make(NodeKind::Compare);
      node.comparison = *comparison;
      node.offset = left.offset;
      Node right;
      if (!advance() || !operand(right)) return false;
      node.children.push_back(std::move(left));
      node.children.push_back(std::move(right));
      out = std::move(node);
      return true;
    }
    if (is_word(token_, "is")) return is_null(out, std::move(left));
    const bool negated = is_word(token_, "not");
    if (negated && !advance()) return false;
    Node node;
    node.offset = left.offset;
    node.negated = negated;
    if (is_word(token_, "in")) {
      node.kind = NodeKind::In;
      node.children.push_back(std::move(left));
      if (!advance() || !list(node)) return false;
    } else if (is_word(token_, "like") || is_word(token_, "matches")) {
      node.kind = is_word(token_, "like") ? NodeKind::Like : NodeKind::Matches;
      node.children.push_back(std::move(left));
      if (!advance() || !pattern(node)) return false;
    } else if (negated) {
      return expected("IN, LIKE or MATCHES after NOT");
    } else {
      node = std::move(left);
    }
    out = std::move(node);
    return true;
  }

  bool is_null(Node& out, Node left) {
    Node node = make(NodeKind::Compare);
    node.offset = left.offset;
    if (!advance()) return false;
    if (is_word(token_, "not")) {
      node.comparison = Comparison::NotEqual;
      if (!advance()) return false;
    }
    if (!is_word(token_, "null")) return expected("NULL or NOT NULL after IS");
    Node null = make(NodeKind::Literal);
    null.payload = Constant{};
    node.children.push_back(std::move(left));
    node.children.push_back(std::move(null));
    out = std::move(node);
    return advance();
  }

  bool list(Node& node) {
    const bool bracket = token_.kind == TokenKind::LeftBracket;
    if (!bracket && token_.kind != TokenKind::LeftParen) {
      return expected("\"(\" or \"[\" after IN");
    }
    const TokenKind closing = bracket ? TokenKind::RightBracket : TokenKind::RightParen;
    return advance() && operands(node, closing);
  }

  /// Operands up to the closing token, which is taken; one at least.
  bool operands(Node& node, TokenKind closing) {
    for (std::size_t count = 1;; ++count) {
      if (count > kMaxListItems) {
        return fail(token_.begin,
                    "more than " + std::to_string(kMaxListItems) + " values in one list");
      }
      Node item;
      if (!operand(item)) return false;
      node.children.push_back(std::move(item));
      if (token_.kind == closing) return advance();
      if (token_.kind != TokenKind::Comma) {
        return expected(closing == TokenKind::RightParen ? "\",\" or \")\"" : "\",\" or \"]\"");
      }
      if (!advance()) return false;
    }
  }

  bool pattern(Node& node) {
    if (token_.kind != TokenKind::String) return expected("a pattern in quotes");
    if (node.kind == NodeKind::Like) {
      auto like = LikePattern::compile(token_.value);
      if (!like) return fail(token_.begin, like.status().message());
      node.payload = std::move(*like);
    } else {
      re2::RE2::Options options;
      options.set_log_errors(false);
      auto regex = std::make_shared<const re2::RE2>(token_.value, options);
      if (!regex->ok()) return bad_regex(*regex);
      node.payload = Regex{token_.value, std::move(regex)};
    }
    return advance();
  }

  bool bad_regex(const re2::RE2& regex) {
    // The part that RE2 complains of stands there literally unless the string has escapes.
    const std::string_view raw = text_.substr(token_.begin, token_.end - token_.begin);
    const auto part = regex.error_arg().empty() ? 0 : raw.find(regex.error_arg());
    const std::size_t offset = part == std::string_view::npos ? 0 : part;
    return fail(token_.begin + offset, "not a regular expression: " + regex.error());
  }

  bool operand(Node& out) {
    const bool free_parenthesis = std::exchange(free_parenthesis_, false);
    switch (token_.kind) {
      case TokenKind::LeftParen:
        return parenthesised(out, free_parenthesis);
      case TokenKind::String:
        return constant(out, json::Value::string(token_.value));
      case TokenKind::Number:
        return constant(out, json::Value::number(token_.value));
      case TokenKind::LeftBracket:
        return path(out);
      case TokenKind::Word:
        break;
      default:
        return expected("a value");
    }
    if (is_word(token_, "true")) return constant(out, json::Value::boolean(true));
    if (is_word(token_, "false")) return constant(out, json::Value::boolean(false));
    if (is_word(token_, "null")) return constant(out, json::Value());
    if (is_keyword(token_)) {
      return expected("a value", "a field of that name is written new." + token_.value + " or [\"" +
                                     token_.value + "\"]");
    }
    return lexer_.peek() == '(' ? call(out) : path(out);
  }

  bool parenthesised(Node& out, bool free_parenthesis) {
    if (!free_parenthesis && !enter()) return false;
    if (!advance() || !parse_or(out)) return false;
    if (!free_parenthesis) leave();
    if (token_.kind != TokenKind::RightParen) return expected("\")\"");
    return advance();
  }

  bool constant(Node& out, json::Value value) {
    out = make(NodeKind::Literal);
    Constant constant{std::move(value)};
    if (constant.value.is_number()) {
      constant.small = SmallDecimal::parse(constant.value.text()).value_or(SmallDecimal{0, -1});
    }
    out.payload = std::move(constant);
    return advance();
  }

  bool path(Node& out) {
    out = make(NodeKind::Path);
    return scan(out);
  }

  /// The path at the current token into the node's payload.
  bool scan(Node& node) {
    std::size_t at = token_.begin;
    auto path = scan_path(text_, at, Code::ConditionSyntax);
    if (!path) return fail(path.status());
    lexer_.seek(at);
    if (lexer_.peek() == '(') return method_call(at, *path);
    node.payload = std::move(*path);
    return advance();
  }

  /// `status.changed()`: what it would be in this language.
  bool method_call(std::size_t at, FieldPath path) {
    const auto* last = path.steps.empty() ? nullptr : std::get_if<std::string>(&path.steps.back());
    const std::string word = last == nullptr ? "" : *last;
    fail(at, "a path cannot be called");
    const Signature* signature = find_function(word);
    auto sugar = find_field_sugar(word);
    if (signature == nullptr && sugar) {
      signature = sugar->signature;
      path.steps.back() = sugar->field;
    } else if (signature != nullptr) {
      path.steps.pop_back();
    }
    if (signature != nullptr && signature->takes_field) {
      status_.note("did you mean " + std::string(function_name(signature->function)) + '(' +
                   path.to_string() + (signature->most > 1 ? ", …)?" : ")?"));
    }
    return false;
  }

  bool call(Node& out) {
    out = make(NodeKind::Call);
    const std::string name = token_.value;
    const std::size_t begin = token_.begin;
    const Signature* signature = find_function(name);
    const auto sugar = signature == nullptr ? find_field_sugar(name) : std::nullopt;
    if (sugar) signature = sugar->signature;
    if (signature == nullptr) {
      return fail(begin, "there is no function \"" + name + '"' +
                             did_you_mean(ascii_lower(name), function_names()));
    }
    out.function = signature->function;
    if (!enter() || !advance() || !advance()) return false;  // the name and "("
    std::size_t given = 0;
    if (sugar) {
      out.payload = FieldPath{FieldPath::Root::Row, {sugar->field}};
    } else if (signature->takes_field && token_.kind != TokenKind::RightParen) {
      if (!field_argument(out)) return false;
      given = 1;
    }
    if (!rest_of_arguments(out, given > 0)) return false;
    leave();
    given += out.children.size();
    const std::size_t implied = sugar ? 1 : 0;
    if (given + implied >= signature->least && given + implied <= signature->most) return true;
    return wrong_count(*signature, begin, name, given, implied);
  }

  bool wrong_count(const Signature& signature, std::size_t begin, const std::string& name,
                   std::size_t given, std::size_t implied) {
    const std::size_t wanted = signature.least - implied;
    fail(begin, name + "() takes " + (signature.least == signature.most ? "" : "at least ") +
                    std::to_string(wanted) + (wanted == 1 ? " argument" : " arguments") +
                    ", found " + std::to_string(given));
    status_.note("it is written " +
                 std::string(find_function(function_name(signature.function))->usage));
    // `feild_changed(x)` reads as the field "feild" that changed.
    const std::string near = implied > 0 ? nearest_name(name, function_names()) : "";
    if (!near.empty()) status_.note("did you mean \"" + near + "\"?");
    return false;
  }

  bool rest_of_arguments(Node& node, bool after_field) {
    if (token_.kind == TokenKind::RightParen) return advance();
    if (after_field) {
      if (token_.kind != TokenKind::Comma) return expected("\",\" or \")\"");
      if (!advance()) return false;
    }
    return operands(node, TokenKind::RightParen);
  }

  /// A path, or a name in quotes. A quoted name is a column to the letter ('order') unless it has
  /// the signs of a path in it ('customer.tier', 'old.status').
  bool field_argument(Node& node) {
    const Token token = token_;
    if (token.kind == TokenKind::String) {
      if (token.value.empty()) return fail(token.begin, "the name of the field is empty");
      if (token.value.find_first_of(".[") == std::string::npos) {
        node.payload = FieldPath{FieldPath::Root::Row, {token.value}};
      } else {
        auto path = parse_path(token.value, Code::ConditionSyntax);
        if (!path) {
          return fail(token.begin,
                      "\"" + token.value + "\" is not a path: " + path.status().message());
        }
        node.payload = std::move(*path);
      }
      if (!advance()) return false;
    } else if (token.kind == TokenKind::LeftBracket ||
               (token.kind == TokenKind::Word && !is_keyword(token))) {
      if (!scan(node)) return false;
    } else {
      return expected("a field: a path, or a name in quotes");
    }
    if (node.function != Function::HasField && node.path().root == FieldPath::Root::Event) {
      return fail(token.begin, node.path().to_string() + " is no field of a row: it never changes");
    }
    return true;
  }

  std::string_view text_;
  Lexer lexer_;
  Token token_;
  Status status_;
  int depth_ = 0;
  bool free_parenthesis_ = false;
};

}  // namespace

Result<Node> parse_tree(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return Status::error(Code::ConditionSyntax,
                         "the condition is longer than " + std::to_string(kMaxBytes) + " bytes");
  }
  if (!is_valid_utf8(text)) {
    return Status::error(Code::ConditionSyntax, "the condition is not UTF-8");
  }
  if (trim(text).empty()) return syntax_error(text, 0, "the condition is empty");
  return Parser(text).parse();
}

}  // namespace observerd::condition
