#include "condition/functions.hpp"
#include "condition/tree.hpp"

namespace observerd::condition {
namespace {

void print_to(std::string& out, const Node& node);

void print_in_parentheses(std::string& out, const Node& node) {
  out += '(';
  print_to(out, node);
  out += ')';
}

bool is_single(const Node& node) {
  return node.kind == NodeKind::Literal || node.kind == NodeKind::Path ||
         node.kind == NodeKind::Call;
}

/// An operand of a comparison, or what stands behind "!".
void print_operand(std::string& out, const Node& node) {
  if (is_single(node)) {
    print_to(out, node);
  } else {
    print_in_parentheses(out, node);
  }
}

void print_list(std::string& out, const std::vector<Node>& items, std::size_t first) {
  for (std::size_t i = first; i < items.size(); ++i) {
    if (i > first) out += ", ";
    print_operand(out, items[i]);
  }
}

void print_chain(std::string& out, const Node& node, const char* word) {
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) out += word;
    if (node.children[i].kind == NodeKind::Or) {
      print_in_parentheses(out, node.children[i]);
    } else {
      print_to(out, node.children[i]);
    }
  }
}

void print_call(std::string& out, const Node& node) {
  out += function_name(node.function);
  out += '(';
  if (std::holds_alternative<FieldPath>(node.payload)) {
    out += node.path().to_string();
    if (!node.children.empty()) out += ", ";
  }
  print_list(out, node.children, 0);
  out += ')';
}

void print_to(std::string& out, const Node& node) {
  switch (node.kind) {
    case NodeKind::And:
      return print_chain(out, node, " && ");
    case NodeKind::Or:
      return print_chain(out, node, " || ");
    case NodeKind::Not:
      out += '!';
      return node.children[0].kind == NodeKind::Not ? print_to(out, node.children[0])
                                                    : print_operand(out, node.children[0]);
    case NodeKind::Compare:
      print_operand(out, node.children[0]);
      out += ' ';
      out += comparison_text(node.comparison);
      out += ' ';
      return print_operand(out, node.children[1]);
    case NodeKind::In:
      print_operand(out, node.children[0]);
      out += node.negated ? " NOT IN (" : " IN (";
      print_list(out, node.children, 1);
      out += ')';
      return;
    case NodeKind::Like:
      print_operand(out, node.children[0]);
      out += node.negated ? " NOT LIKE " : " LIKE ";
      out += quote_string(node.like().text());
      return;
    case NodeKind::Matches:
      print_operand(out, node.children[0]);
      out += node.negated ? " NOT MATCHES " : " MATCHES ";
      out += quote_string(node.regex().pattern);
      return;
    case NodeKind::Literal:
      out += node.literal().is_string() ? quote_string(node.literal().text())
                                        : json::write(node.literal());
      return;
    case NodeKind::Path:
      out += node.path().to_string();
      return;
    case NodeKind::Call:
      return print_call(out, node);
  }
}

bool same_payload(const Node& a, const Node& b) {
  if (a.payload.index() != b.payload.index()) return false;
  if (std::holds_alternative<Constant>(a.payload)) {
    return a.literal().type() == b.literal().type() && json_equal(a.literal(), b.literal());
  }
  if (std::holds_alternative<FieldPath>(a.payload)) return a.path() == b.path();
  if (std::holds_alternative<LikePattern>(a.payload)) return a.like().text() == b.like().text();
  if (std::holds_alternative<Regex>(a.payload)) return a.regex().pattern == b.regex().pattern;
  return true;
}

}  // namespace

std::string print(const Node& node) {
  std::string out;
  print_to(out, node);
  return out;
}

const char* comparison_text(Comparison comparison) {
  switch (comparison) {
    case Comparison::Equal:
      return "==";
    case Comparison::NotEqual:
      return "!=";
    case Comparison::Less:
      return "<";
    case Comparison::LessOrEqual:
      return "<=";
    case Comparison::Greater:
      return ">";
    case Comparison::GreaterOrEqual:
      return ">=";
  }
  return "";
}

bool same_tree(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.negated != b.negated || a.comparison != b.comparison ||
      a.function != b.function || a.children.size() != b.children.size() || !same_payload(a, b)) {
    return false;
  }
  for (std::size_t i = 0; i < a.children.size(); ++i) {
    if (!same_tree(a.children[i], b.children[i])) return false;
  }
  return true;
}

}  // namespace observerd::condition
