#pragma once

#include <span>
#include <vector>

#include "condition/program.hpp"
#include "event/event.hpp"

namespace observerd::matcher {

using condition::Term;

/// Terms that must all be true.
using Conjunction = std::vector<Term>;

/// Conjunctions of which at least one must be true for the condition to fire on events of a kind;
/// none when it never fires on them. Negations are pushed to the terms; what the kind alone decides
/// is left out. A disjunction is only split where every branch has something that an index can look
/// up and nothing else in the conjunction has, and into kMostConjunctions at the most: else it
/// stays a term. Terms point into the tree.
std::vector<Conjunction> conjunctions(const condition::Node& root, EventKind kind);

constexpr std::size_t kMostConjunctions = 16;

}  // namespace observerd::matcher
