#include "condition/evaluator.hpp"

#include <re2/re2.h>

#include "condition/unicode.hpp"

namespace observerd::condition {
namespace {

Truth truth_of(bool value) {
  return value ? Truth::True : Truth::False;
}

Truth negated_if(bool negated, bool value) {
  return truth_of(value != negated);
}

bool holds(Comparison comparison, std::strong_ordering order) {
  switch (comparison) {
    case Comparison::Equal:
      return order == 0;
    case Comparison::NotEqual:
      return order != 0;
    case Comparison::Less:
      return order < 0;
    case Comparison::LessOrEqual:
      return order <= 0;
    case Comparison::Greater:
      return order > 0;
    case Comparison::GreaterOrEqual:
      return order >= 0;
  }
  return false;
}

/// A quoted value stands for a number or boolean of that text too: what one writes in a call does
/// not depend on the column being numeric.
bool equals_quoted(const json::Value& value, const std::string& quoted) {
  if (value.is_string()) return value.text() == quoted;
  if (value.is_boolean()) return quoted == (value.as_boolean() ? "true" : "false");
  return value.is_number() && is_number_literal(quoted) &&
         compare_numbers(value.text(), quoted) == 0;
}

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

Operand Evaluator::fail_value(const Node& node, Failure failure) {
  fail(node, failure);
  return Operand::error();
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
      return boolean(node, value(node));
  }
}

Truth Evaluator::boolean(const Node& node, const Operand& operand) {
  if (operand.failed) return Truth::Error;
  if (operand.type == json::Type::Boolean) return truth_of(operand.boolean);
  return fail(node, {.reason = Failure::Reason::NotBoolean, .left = operand.type});
}

Truth Evaluator::compare(const Node& node) {
  const Operand left = value(node.children[0]);
  if (left.failed) return Truth::Error;
  const Operand right = value(node.children[1]);
  if (right.failed) return Truth::Error;
  const Comparison comparison = node.comparison;
  if (left.type == right.type && left.type == json::Type::Number) {
    return truth_of(holds(comparison, order_numbers(left, right)));
  }
  if (comparison == Comparison::Equal) return truth_of(operands_equal(left, right));
  if (comparison == Comparison::NotEqual) return truth_of(!operands_equal(left, right));
  if (left.type == right.type && left.type == json::Type::String) {
    // The bytes of UTF-8 are in the order of the code points.
    return truth_of(holds(comparison, left.text <=> right.text));
  }
  return fail(node,
              {.reason = Failure::Reason::NotOrdered, .left = left.type, .right = right.type});
}

Truth Evaluator::in(const Node& node) {
  const Operand wanted = value(node.children[0]);
  if (wanted.failed) return Truth::Error;
  const Failure::Reason before = failure_ != nullptr ? failure_->reason : Failure::Reason::None;
  bool failed = false;
  for (std::size_t i = 1; i < node.children.size(); ++i) {
    const Operand item = value(node.children[i]);
    if (!item.failed && operands_equal(wanted, item)) {
      forget(before);
      return negated_if(node.negated, true);
    }
    failed = failed || item.failed;
  }
  return failed ? Truth::Error : negated_if(node.negated, false);
}

Truth Evaluator::pattern(const Node& node) {
  const Operand text = value(node.children[0]);
  if (text.failed) return Truth::Error;
  if (text.type != json::Type::String) {
    return fail(node, {.reason = Failure::Reason::NotText, .left = text.type});
  }
  const bool matches =
      node.kind == NodeKind::Like
          ? node.like().matches(text.text)
          : re2::RE2::PartialMatch(re2::StringPiece(text.text.data(), text.text.size()),
                                   *node.regex().compiled);
  return negated_if(node.negated, matches);
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
      return boolean(node, value(node));
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
  if (wanted.kind == NodeKind::Literal && wanted.literal().is_string()) {
    return truth_of(equals_quoted(side, wanted.literal().text()));
  }
  const Operand operand = value(wanted);
  if (operand.failed) return Truth::Error;
  return truth_of(operands_equal(Operand::of(side), operand));
}

Truth Evaluator::text_test(const Node& node) {
  const Operand text = value(node.children[0]);
  if (text.failed) return Truth::Error;
  const Operand part = value(node.children[1]);
  if (part.failed) return Truth::Error;
  for (const Operand* operand : {&text, &part}) {
    if (operand->type != json::Type::String) {
      return fail(node, {.reason = Failure::Reason::NotText, .left = operand->type});
    }
  }
  return truth_of(node.function == Function::StartsWith ? text.text.starts_with(part.text)
                                                        : text.text.ends_with(part.text));
}

/// A text in a text, an element in an array, a key in an object.
Truth Evaluator::contains(const Node& node) {
  const Operand whole = value(node.children[0]);
  if (whole.failed) return Truth::Error;
  const Operand part = value(node.children[1]);
  if (part.failed) return Truth::Error;
  if (whole.type == json::Type::Array) {
    for (const json::Value& item : whole.json->items()) {
      if (operands_equal(Operand::of(item), part)) return Truth::True;
    }
    return Truth::False;
  }
  if (whole.type != json::Type::String && whole.type != json::Type::Object) {
    return fail(node, {.reason = Failure::Reason::NoContents, .left = whole.type});
  }
  if (part.type != json::Type::String) {
    return fail(node, {.reason = Failure::Reason::NotText, .left = part.type});
  }
  return truth_of(whole.type == json::Type::Object
                      ? whole.json->find(part.text) != nullptr
                      : whole.text.find(part.text) != std::string_view::npos);
}

}  // namespace observerd::condition
