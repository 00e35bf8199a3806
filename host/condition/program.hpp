#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "condition/slots.hpp"

namespace observerd::condition {

/// A part of a condition, or the opposite of one.
struct Term {
  const Node* node = nullptr;
  bool negated = false;
};

/// A condition, compiled: a flat list of instructions over numbered slots, for whoever evaluates
/// many conditions on one event. Comes to the same as Evaluator, which is the definition and can
/// say why. Allocates only where Evaluator must: lower(), upper(), and looking into arrays and
/// objects. Owns what it needs of the tree. Immutable; safe to run from many threads.
class Program {
 public:
  /// The paths that are read get their slots in `slots`, or in a copy of it made later.
  static Program compile(const Node& root, SlotTable& slots);
  /// All terms, as if joined by &&; true when there are none.
  static Program compile(std::span<const Term> terms, SlotTable& slots);

  /// `values` are those that the table filled from the event.
  Truth run(const Event& event, SlotValues& values) const;

 private:
  friend class Compiler;
  friend class Machine;

  enum class Op : std::uint8_t {
    // truths
    Constant,      ///< negated: false
    And,           ///< children up to end
    Or,            ///< children up to end
    Not,           ///< child
    CompareField,  ///< slot a with constant b
    Compare,       ///< two values
    InField,       ///< slot a in the constants from b on, `count` of them
    In,            ///< value, then items up to end
    Like,          ///< pattern a; value
    Matches,       ///< expression a; value
    HasField,      ///< slot a
    Changed,       ///< slots a (new) and b (old)
    ChangedTo,     ///< the same; value
    ChangedFrom,   ///< the same; value
    IsKind,        ///< kind a
    StartsWith,    ///< two values
    EndsWith,      ///< two values
    Contains,      ///< two values
    Boolean,       ///< value
    // values
    Field,    ///< slot a
    Literal,  ///< constant a
    Truth,    ///< child
    Lower,
    Upper,
    Length,
    Abs,
    Coalesce,  ///< values up to end
  };
  struct Instruction {
    Op op = Op::Constant;
    Comparison comparison = Comparison::Equal;
    bool negated = false;
    std::uint16_t count = 0;
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    std::uint32_t end = 0;  ///< the instruction behind this one and its operands
  };

  std::vector<Instruction> code_;
  std::vector<Constant> constants_;
  std::vector<LikePattern> likes_;
  std::vector<std::shared_ptr<const re2::RE2>> expressions_;
};

}  // namespace observerd::condition
