#include <algorithm>

#include <re2/re2.h>

#include "base/letter_case.hpp"
#include "condition/evaluator.hpp"

namespace observerd::condition {
Truth Evaluator::pattern(const Node& node) {
  Operand text;
  if (!value(node.children[0], text)) return Truth::Error;
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

Truth Evaluator::text_test(const Node& node) {
  Operand text;
  if (!value(node.children[0], text)) return Truth::Error;
  Operand part;
  if (!value(node.children[1], part)) return Truth::Error;
  for (const Operand* operand : {&text, &part}) {
    if (operand->type != json::Type::String) {
      return fail(node, {.reason = Failure::Reason::NotText, .left = operand->type});
    }
  }
  return truth_of(node.function == Function::StartsWith ? text.text.starts_with(part.text)
                                                        : text.text.ends_with(part.text));
}

Truth Evaluator::contains(const Node& node) {
  Operand whole;
  if (!value(node.children[0], whole)) return Truth::Error;
  Operand part;
  if (!value(node.children[1], part)) return Truth::Error;
  if (const auto result = operand_contains(whole, part)) return truth_of(*result);
  if (whole.type != json::Type::String && whole.type != json::Type::Object) {
    return fail(node, {.reason = Failure::Reason::NoContents, .left = whole.type});
  }
  return fail(node, {.reason = Failure::Reason::NotText, .left = part.type});
}

Truth Evaluator::missing(const Node& node) {
  const FieldPath& path = node.path();
  const bool no_row = path.root == FieldPath::Root::Old   ? !event_.old_row.has_value()
                      : path.root == FieldPath::Root::New ? !event_.new_row.has_value()
                                                          : event_.row() == nullptr;
  return fail(node, {.reason = no_row ? Failure::Reason::MissingRow : Failure::Reason::MissingField,
                     .path = &path});
}

std::string_view Evaluator::keep(std::string text) {
  return texts_.emplace_front(std::move(text));
}

bool Evaluator::value_call(const Node& node, Operand& out) {
  if (node.function == Function::Coalesce) return coalesce(node, out);
  if (!value(node.children[0], out)) return false;
  if (node.function == Function::Length) return length(node, out);
  if (node.function == Function::Abs) {
    if (out.type != json::Type::Number) {
      fail(node, {.reason = Failure::Reason::NotNumber, .left = out.type});
      return false;
    }
    if (out.text.starts_with('-')) out.text.remove_prefix(1);
    out.small.mantissa = std::max(out.small.mantissa, -out.small.mantissa);
    return true;
  }
  if (out.type != json::Type::String) {
    fail(node, {.reason = Failure::Reason::NotText, .left = out.type});
    return false;
  }
  out.text = keep(node.function == Function::Lower ? lower_case(out.text) : upper_case(out.text));
  return true;
}

/// A missing path is what this function is for; an error of any other kind stays one.
bool Evaluator::coalesce(const Node& node, Operand& out) {
  for (const Node& child : node.children) {
    out = Operand();
    if (child.kind == NodeKind::Path) {
      if (!look_up(child, out)) continue;
    } else if (!value(child, out)) {
      return false;
    }
    if (out.type != json::Type::Null) return true;
  }
  out = Operand();
  return true;
}

/// The argument becomes its length.
bool Evaluator::length(const Node& node, Operand& argument) {
  const auto count = length_of(argument);
  if (!count) {
    fail(node, {.reason = Failure::Reason::NoLength, .left = argument.type});
    return false;
  }
  argument = Operand();
  argument.type = json::Type::Number;
  argument.small = {static_cast<std::int64_t>(*count), 0};
  return true;
}

}  // namespace observerd::condition
