#include "matcher/access.hpp"

#include <algorithm>
#include <string>

#include "condition/operand.hpp"

namespace observerd::matcher {
namespace {

using condition::Comparison;
using condition::Constant;
using condition::Function;
using condition::mirrored;
using condition::negation;
using condition::Node;
using condition::NodeKind;
using condition::Term;

__extension__ typedef __int128 Wide;

constexpr int kScale = 6;
constexpr std::int64_t kFarthest = 1'000'000'000'000'000'000;  // 10^12, scaled

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

/// floor(number × 10^6) of a literal with an exponent or very many digits, by comparing: nothing
/// that such numbers are usual in, so plain beats quick.
std::int64_t slow_range_key(const std::string& literal) {
  const auto compare = [&](std::int64_t scaled) {
    return compare_numbers(literal, std::to_string(scaled) + "e-" + std::to_string(kScale));
  };
  if (compare(-kFarthest) < 0) return -2 * kFarthest;
  if (compare(kFarthest) >= 0) return 2 * kFarthest;
  std::int64_t low = -kFarthest;  // low <= number < high
  std::int64_t high = kFarthest;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (compare(middle) >= 0 ? low : high) = middle;
  }
  return 2 * low + (compare(low) > 0 ? 1 : 0);
}

/// Limits that a range can hold to the digit.
bool is_limit(const Constant& constant) {
  return constant.value.is_number() && constant.small.scale >= 0 &&
         constant.small.scale <= kScale &&
         std::abs(constant.small.mantissa) < power_of_ten(12 + constant.small.scale);
}

/// `field op constant`, whichever way it was written and negated.
struct FieldComparison {
  Comparison comparison = Comparison::Equal;
  const FieldPath* path = nullptr;
  const Constant* constant = nullptr;
};

std::optional<FieldComparison> field_comparison(const Term& term) {
  const Node& node = *term.node;
  if (node.kind != NodeKind::Compare) return std::nullopt;
  const Node& left = node.children[0];
  const Node& right = node.children[1];
  Comparison comparison = term.negated ? negation(node.comparison) : node.comparison;
  if (left.kind == NodeKind::Path && right.kind == NodeKind::Literal) {
    return FieldComparison{comparison, &left.path(), &std::get<Constant>(right.payload)};
  }
  if (left.kind == NodeKind::Literal && right.kind == NodeKind::Path) {
    return FieldComparison{mirrored(comparison), &right.path(), &std::get<Constant>(left.payload)};
  }
  return std::nullopt;
}

bool can_look_up(const FieldComparison& found) {
  if (found.comparison == Comparison::Equal) return true;
  return found.comparison != Comparison::NotEqual && is_limit(*found.constant);
}

bool is_field_in_constants(const Node& node) {
  return node.kind == NodeKind::In && node.children[0].kind == NodeKind::Path &&
         std::all_of(node.children.begin() + 1, node.children.end(),
                     [](const Node& item) { return item.kind == NodeKind::Literal; });
}

/// A change to or from null counts a missing field too: that is not looked up.
bool is_change_to_constant(const Node& node) {
  return (node.is_call(Function::FieldChangedTo) || node.is_call(Function::FieldChangedFrom)) &&
         node.children[0].kind == NodeKind::Literal && !node.children[0].literal().is_null();
}

Operand operand(const Constant& constant) {
  Operand out;
  out.set(constant);
  return out;
}

Operand boolean(bool value) {
  Operand out;
  out.set(value);
  return out;
}

/// What the value of field_changed_to can be equal to, see equals_quoted.
std::vector<Operand> change_keys(const Constant& constant) {
  std::vector<Operand> keys{operand(constant)};
  if (!constant.value.is_string()) return keys;
  const std::string& quoted = constant.value.text();
  if (quoted == "true" || quoted == "false") keys.push_back(boolean(quoted == "true"));
  if (is_number_literal(quoted)) keys.emplace_back().set_number(quoted);
  return keys;
}

Access range(const FieldComparison& found) {
  Access access;
  access.kind = Access::Kind::Range;
  access.path = found.path;
  access.least = kOpenBelow;
  access.most = kOpenAbove;
  const std::int64_t limit = range_key(operand(*found.constant));
  switch (found.comparison) {
    case Comparison::Greater:
      access.least = limit + 1;
      break;
    case Comparison::GreaterOrEqual:
      access.least = limit;
      break;
    case Comparison::Less:
      access.most = limit - 1;
      break;
    default:
      access.most = limit;
      break;
  }
  return access;
}

}  // namespace

std::int64_t range_key(const Operand& number) {
  if (number.small.scale < 0) return slow_range_key(number.number());
  Wide scaled = number.small.mantissa;
  bool more = false;
  if (number.small.scale <= kScale) {
    scaled *= power_of_ten(kScale - number.small.scale);
  } else {
    const std::int64_t divisor = power_of_ten(number.small.scale - kScale);
    const std::int64_t remainder = number.small.mantissa % divisor;
    scaled = number.small.mantissa / divisor - (remainder < 0 ? 1 : 0);
    more = remainder != 0;
  }
  if (scaled < -kFarthest) return -2 * kFarthest;
  if (scaled >= kFarthest) return 2 * kFarthest;
  return 2 * static_cast<std::int64_t>(scaled) + (more ? 1 : 0);
}

bool gives_access(const Term& term) {
  const Node& node = *term.node;
  if (const auto found = field_comparison(term)) return can_look_up(*found);
  if (node.kind == NodeKind::Path) return true;
  if (is_field_in_constants(node)) return node.negated == term.negated;
  return !term.negated && (node.is_call(Function::FieldChanged) || is_change_to_constant(node));
}

std::optional<Access> access_of(const Term& term) {
  if (!gives_access(term)) return std::nullopt;
  const Node& node = *term.node;
  Access access;
  if (const auto found = field_comparison(term)) {
    if (found->comparison != Comparison::Equal) return range(*found);
    access.path = found->path;
    access.keys.push_back(operand(*found->constant));
  } else if (node.kind == NodeKind::Path) {
    access.path = &node.path();
    access.keys.push_back(boolean(!term.negated));
  } else if (node.kind == NodeKind::In) {
    access.path = &node.children[0].path();
    for (auto item = node.children.begin() + 1; item != node.children.end(); ++item) {
      access.keys.push_back(operand(std::get<Constant>(item->payload)));
    }
  } else {
    access.path = &node.path();
    access.subject = node.function == Function::FieldChanged     ? Subject::Changed
                     : node.function == Function::FieldChangedTo ? Subject::ChangedTo
                                                                 : Subject::ChangedFrom;
    if (access.subject == Subject::Changed) {
      access.keys.push_back(boolean(true));
    } else {
      access.keys = change_keys(std::get<Constant>(node.children[0].payload));
    }
  }
  return access;
}

}  // namespace observerd::matcher
