#include "condition/evaluator.hpp"

namespace observerd::condition {
namespace {

const json::Value& null_value() {
  static const json::Value null;
  return null;
}

}  // namespace

Truth Evaluator::fail(const Node& node, Failure failure) {
  if (failure_ != nullptr && failure_->reason == Failure::Reason::None) {
    *failure_ = failure;
    failure_->node = predicate_ != nullptr ? predicate_ : &node;
  }
  return Truth::Error;
}

void Evaluator::forget(Failure::Reason before) {
  if (failure_ != nullptr) failure_->reason = before;
}

Truth Evaluator::truth(const Node& node) {
  switch (node.kind) {
    case NodeKind::And:
      return chain(node, Truth::False);
    case NodeKind::Or:
      return chain(node, Truth::True);
    case NodeKind::Not: {
      const Truth inner = truth(node.children[0]);
      if (inner == Truth::Error) return inner;
      return truth_of(inner == Truth::False);
    }
    default: {
      const Node* outer = predicate_;
      predicate_ = &node;
      const Truth result = predicate(node);
      predicate_ = outer;
      return result;
    }
  }
}

/// And, Or: one part that decides does so whatever the others came to, errors included.
Truth Evaluator::chain(const Node& node, Truth deciding) {
  const Failure::Reason before = failure_ != nullptr ? failure_->reason : Failure::Reason::None;
  Truth result = deciding == Truth::False ? Truth::True : Truth::False;
  for (const Node& child : node.children) {
    const Truth part = truth(child);
    if (part == deciding) {
      forget(before);
      return deciding;
    }
    if (part == Truth::Error) result = Truth::Error;
  }
  return result;
}

Truth Evaluator::predicate(const Node& node) {
  switch (node.kind) {
    case NodeKind::Compare:
      return compare(node);
    case NodeKind::In:
      return in(node);
    case NodeKind::Like:
    case NodeKind::Matches:
      return pattern(node);
    case NodeKind::Call:
      return call(node);
    default:
      return boolean(node);
  }
}

Truth Evaluator::boolean(const Node& node) {
  Operand operand;
  if (!value(node, operand)) return Truth::Error;
  if (operand.type == json::Type::Boolean) return truth_of(operand.boolean);
  return fail(node, {.reason = Failure::Reason::NotBoolean, .left = operand.type});
}

/// A field of a row against a number or text of its own type: what most comparisons are. Says
/// nothing about any other; compare() is the definition.
std::optional<Truth> Evaluator::compare_directly(const Node& node) const {
  const Node& left = node.children[0];
  const Node& right = node.children[1];
  if (left.kind != NodeKind::Path || right.kind != NodeKind::Literal) return std::nullopt;
  if (left.path().root == FieldPath::Root::Event) return std::nullopt;
  const json::Value* field = find(left.path());
  const auto& constant = std::get<Constant>(right.payload);
  if (field == nullptr || field->type() != constant.value.type()) return std::nullopt;
  if (field->is_string()) {
    const std::string& text = field->text();
    const std::string& wanted = constant.value.text();
    if (node.comparison == Comparison::Equal) return truth_of(text == wanted);
    return truth_of(holds(node.comparison, text <=> wanted));
  }
  if (!field->is_number() || constant.small.scale < 0) return std::nullopt;
  const auto small = SmallDecimal::parse(field->text());
  if (!small) return std::nullopt;
  return truth_of(holds(node.comparison, *small <=> constant.small));
}

Truth Evaluator::compare(const Node& node) {
  if (const auto result = compare_directly(node)) return *result;
  Operand left;
  if (!value(node.children[0], left)) return Truth::Error;
  Operand right;
  if (!value(node.children[1], right)) return Truth::Error;
  if (const auto result = compare_operands(node.comparison, left, right)) return truth_of(*result);
  return fail(node,
              {.reason = Failure::Reason::NotOrdered, .left = left.type, .right = right.type});
}

Truth Evaluator::in(const Node& node) {
  Operand wanted;
  if (!value(node.children[0], wanted)) return Truth::Error;
  const Failure::Reason before = failure_ != nullptr ? failure_->reason : Failure::Reason::None;
  bool failed = false;
  for (std::size_t i = 1; i < node.children.size(); ++i) {
    Operand item;
    if (!value(node.children[i], item)) {
      failed = true;
    } else if (operands_equal(wanted, item)) {
      forget(before);
      return negated_if(node.negated, true);
    }
  }
  return failed ? Truth::Error : negated_if(node.negated, false);
}

Truth Evaluator::call(const Node& node) {
  switch (node.function) {
    case Function::HasField:
      return truth_of(node.path().root == FieldPath::Root::Event || find(node.path()) != nullptr);
    case Function::FieldChanged:
    case Function::FieldChangedTo:
    case Function::FieldChangedFrom:
      return changed(node);
    case Function::IsInsert:
      return truth_of(event_.kind == EventKind::Insert);
    case Function::IsUpdate:
      return truth_of(event_.kind == EventKind::Update);
    case Function::IsDelete:
      return truth_of(event_.kind == EventKind::Delete);
    case Function::IsCustom:
      return truth_of(event_.kind == EventKind::Custom);
    case Function::Contains:
      return contains(node);
    case Function::StartsWith:
    case Function::EndsWith:
      return text_test(node);
    case Function::Lower:
    case Function::Upper:
    case Function::Length:
    case Function::Coalesce:
    case Function::Abs:
      return boolean(node);
  }
  return Truth::Error;
}

Truth Evaluator::changed(const Node& node) {
  if (event_.kind != EventKind::Update) return Truth::False;
  if (!event_.old_row || !event_.new_row) {
    return fail(node, {.reason = Failure::Reason::NoOldRow, .path = &node.path()});
  }
  const auto& steps = node.path().steps;
  const json::Value* after = resolve_steps(&*event_.new_row, steps);
  const json::Value* before = resolve_steps(&*event_.old_row, steps);
  // A key on one side only counts as null on the other.
  if (after == nullptr) after = &null_value();
  if (before == nullptr) before = &null_value();
  if (json_equal(*after, *before)) return Truth::False;
  if (node.function == Function::FieldChanged) return Truth::True;

  const json::Value& side = node.function == Function::FieldChangedTo ? *after : *before;
  const Node& wanted = node.children[0];
  Operand changed;
  changed.set(side);
  if (wanted.kind == NodeKind::Literal && wanted.literal().is_string()) {
    return truth_of(equals_quoted(changed, wanted.literal().text()));
  }
  Operand operand;
  if (!value(wanted, operand)) return Truth::Error;
  return truth_of(operands_equal(changed, operand));
}

bool Evaluator::value(const Node& node, Operand& out) {
  switch (node.kind) {
    case NodeKind::Literal:
      out.set(std::get<Constant>(node.payload));
      return true;
    case NodeKind::Path:
      return look_up(node, out) || missing(node) != Truth::Error;
    case NodeKind::Call:
      if (is_value_function(node.function)) return value_call(node, out);
      break;
    default:
      break;
  }
  const Truth inner = truth(node);
  out.set(inner == Truth::True);
  return inner != Truth::Error;
}

const json::Value* Evaluator::find(const FieldPath& path) const {
  const json::Value* row = nullptr;
  if (path.root == FieldPath::Root::New) {
    row = event_.new_row ? &*event_.new_row : nullptr;
  } else if (path.root == FieldPath::Root::Old) {
    row = event_.old_row ? &*event_.old_row : nullptr;
  } else {
    row = event_.row();
  }
  // One name is what nearly every path is.
  if (row == nullptr || path.steps.size() != 1) return resolve_steps(row, path.steps);
  const auto* name = std::get_if<std::string>(&path.steps.front());
  return name != nullptr ? find_member(*row, *name) : resolve_steps(row, path.steps);
}

bool Evaluator::look_up(const Node& node, Operand& out) {
  const FieldPath& path = node.path();
  if (path.root == FieldPath::Root::Event) {
    set_event_member(event_, std::get<std::string>(path.steps.front()), out, texts_);
    return true;
  }
  const json::Value* found = find(path);
  if (found == nullptr) return false;
  out.set(*found);
  return true;
}

}  // namespace observerd::condition
