#include "matcher/conjunction.hpp"

#include <algorithm>
#include <optional>

#include "matcher/access.hpp"

namespace observerd::matcher {
namespace {

using condition::Function;
using condition::Node;
using condition::NodeKind;

/// What a leaf comes to for every event of a kind.
std::optional<bool> always(const Node& node, EventKind kind) {
  if (node.kind == NodeKind::Literal && node.literal().is_boolean()) {
    return node.literal().as_boolean();
  }
  if (node.kind != NodeKind::Call) return std::nullopt;
  switch (node.function) {
    case Function::IsInsert:
      return kind == EventKind::Insert;
    case Function::IsUpdate:
      return kind == EventKind::Update;
    case Function::IsDelete:
      return kind == EventKind::Delete;
    case Function::IsCustom:
      return kind == EventKind::Custom;
    case Function::FieldChanged:
    case Function::FieldChangedTo:
    case Function::FieldChangedFrom:
      if (kind != EventKind::Update) return false;
      break;
    default:
      break;
  }
  return std::nullopt;
}

bool is_disjunction(const Term& term) {
  return term.node->kind == (term.negated ? NodeKind::And : NodeKind::Or);
}

/// Adds the terms of a sub-expression; false when the whole can never be true.
bool add_terms(const Node& node, bool negated, EventKind kind, Conjunction& out) {
  if (node.kind == NodeKind::Not) return add_terms(node.children[0], !negated, kind, out);
  if (node.kind == (negated ? NodeKind::Or : NodeKind::And)) {
    return std::all_of(node.children.begin(), node.children.end(),
                       [&](const Node& child) { return add_terms(child, negated, kind, out); });
  }
  const auto answer = always(node, kind);
  if (answer) return *answer != negated;
  out.push_back({&node, negated});
  return true;
}

/// The conjunction with one of its disjunctions replaced by each branch in turn; without the
/// branches that cannot be true.
std::vector<Conjunction> branches(const Conjunction& whole, std::size_t disjunction,
                                  EventKind kind) {
  std::vector<Conjunction> out;
  const Term term = whole[disjunction];
  for (const Node& child : term.node->children) {
    Conjunction branch = whole;
    branch.erase(branch.begin() + static_cast<std::ptrdiff_t>(disjunction));
    if (add_terms(child, term.negated, kind, branch)) out.push_back(std::move(branch));
  }
  return out;
}

bool has_access(const Conjunction& conjunction) {
  return std::any_of(conjunction.begin(), conjunction.end(), gives_access);
}

/// Splits until there is something to look up in each; empty when that needs more than `most`.
std::optional<std::vector<Conjunction>> split(Conjunction whole, EventKind kind, std::size_t most) {
  if (most == 0) return std::nullopt;
  if (has_access(whole)) return std::vector<Conjunction>{std::move(whole)};
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (!is_disjunction(whole[i])) continue;
    std::vector<Conjunction> out;
    bool usable = true;
    for (Conjunction& branch : branches(whole, i, kind)) {
      auto parts = split(std::move(branch), kind, most - std::min(most, out.size()));
      if (!parts) {
        usable = false;
        break;
      }
      std::move(parts->begin(), parts->end(), std::back_inserter(out));
    }
    if (usable) return out;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Conjunction> conjunctions(const Node& root, EventKind kind) {
  Conjunction whole;
  if (!add_terms(root, false, kind, whole)) return {};
  if (auto parts = split(whole, kind, kMostConjunctions)) return *std::move(parts);
  return {std::move(whole)};
}

}  // namespace observerd::matcher
