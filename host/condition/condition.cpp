#include "condition/condition.hpp"

#include <algorithm>

#include "condition/evaluator.hpp"
#include "condition/parser.hpp"

namespace observerd::condition {
namespace {

void collect(std::vector<FieldPath>& out, FieldPath path) {
  if (std::find(out.begin(), out.end(), path) == out.end()) out.push_back(std::move(path));
}

void collect_paths(std::vector<FieldPath>& out, const Node& node) {
  if (node.kind == NodeKind::Path || node.is_call(Function::HasField)) {
    collect(out, node.path());
  } else if (node.kind == NodeKind::Call && std::holds_alternative<FieldPath>(node.payload)) {
    collect(out, {FieldPath::Root::New, node.path().steps});
    collect(out, {FieldPath::Root::Old, node.path().steps});
  }
  for (const Node& child : node.children) collect_paths(out, child);
}

std::string truth_text(Truth truth, const Failure& failure, const Event& event) {
  if (truth == Truth::Error) return "error: " + failure.status(event).message();
  return truth == Truth::True ? "true" : "false";
}

void explain_node(std::vector<Explained>& out, const Node& node, const Event& event, int depth) {
  if (node.kind == NodeKind::Literal && depth > 0) return;
  Failure failure;
  Evaluator evaluator(event, &failure);
  const bool is_value = node.kind == NodeKind::Path ||
                        (node.kind == NodeKind::Call && is_value_function(node.function));
  std::string result;
  if (is_value && depth > 0) {
    Operand operand;
    result = evaluator.value(node, operand) ? json::write(operand.to_json())
                                            : truth_text(Truth::Error, failure, event);
  } else {
    result = truth_text(evaluator.truth(node), failure, event);
  }
  out.push_back({depth, print(node), std::move(result)});
  for (const Node& child : node.children) explain_node(out, child, event, depth + 1);
}

}  // namespace

Condition::Condition() : Condition(always()) {}

Condition::Condition(std::shared_ptr<const Node> root, std::string source)
    : root_(std::move(root)), source_(std::move(source)) {}

Result<Condition> Condition::parse(std::string_view text) {
  auto root = parse_tree(text);
  if (!root) return root.status();
  return Condition(std::make_shared<const Node>(std::move(*root)), std::string(text));
}

Condition Condition::always() {
  static const auto root = [] {
    auto node = std::make_shared<Node>();
    node->payload = Constant{json::Value::boolean(true)};
    return std::shared_ptr<const Node>(std::move(node));
  }();
  return {root, ""};
}

Outcome Condition::evaluate(const Event& event) const {
  Failure failure;
  Outcome outcome;
  outcome.truth = Evaluator(event, &failure).truth(*root_);
  if (outcome.truth == Truth::Error) outcome.error = failure.status(event);
  return outcome;
}

Truth Condition::test(const Event& event) const {
  return Evaluator(event).truth(*root_);
}

std::vector<Explained> Condition::explain(const Event& event) const {
  std::vector<Explained> out;
  explain_node(out, *root_, event, 0);
  return out;
}

std::vector<FieldPath> Condition::paths() const {
  std::vector<FieldPath> out;
  collect_paths(out, *root_);
  return out;
}

std::string Condition::to_string() const {
  return print(*root_);
}

}  // namespace observerd::condition
