#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "condition/like.hpp"
#include "event/decimal.hpp"
#include "event/path.hpp"

namespace re2 {
class RE2;
}

/// The typed tree of a condition: what the parser makes, and what everything that gives a condition
/// a meaning walks (evaluator, printer, column check, index, SQL). Immutable once parsed.
namespace observerd::condition {

enum class NodeKind : std::uint8_t {
  And,      ///< two children or more; none of them an And
  Or,       ///< two children or more; none of them an Or
  Not,      ///< one child
  Compare,  ///< children: left, right. `x IS NULL` is x == null
  In,       ///< children: the operand, then one item or more
  Like,     ///< one child, like()
  Matches,  ///< one child, regex()
  Literal,  ///< literal(): null, boolean, number or string
  Path,     ///< path()
  Call,     ///< function; the field functions have path(), the rest of the arguments are children
};

enum class Comparison : std::uint8_t {
  Equal,
  NotEqual,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual
};

enum class Function : std::uint8_t {
  HasField,
  FieldChanged,
  FieldChangedTo,
  FieldChangedFrom,
  IsInsert,
  IsUpdate,
  IsDelete,
  IsCustom,
  Contains,
  StartsWith,
  EndsWith,
  Lower,
  Upper,
  Length,
  Coalesce,
  Abs
};

/// lower, upper, length, coalesce and abs give a value; every other function is true or false.
inline bool is_value_function(Function function) {
  return function == Function::Lower || function == Function::Upper ||
         function == Function::Length || function == Function::Coalesce ||
         function == Function::Abs;
}

/// A constant; `small` is a number read once (scale -1 when it does not fit, or is no number).
struct Constant {
  json::Value value;
  SmallDecimal small{0, -1};
};

/// The pattern of MATCHES as written, and compiled. Shared by copies of a condition; RE2 is safe to
/// use from many threads.
struct Regex {
  std::string pattern;
  std::shared_ptr<const re2::RE2> compiled;
};

struct Node {
  NodeKind kind = NodeKind::Literal;
  Comparison comparison = Comparison::Equal;  ///< of a Compare
  Function function = Function::HasField;     ///< of a Call
  bool negated = false;                       ///< NOT IN, NOT LIKE, NOT MATCHES
  std::uint32_t offset = 0;                   ///< where it was written, in bytes
  std::vector<Node> children;
  std::variant<std::monostate, Constant, FieldPath, LikePattern, Regex> payload;

  const json::Value& literal() const { return std::get<Constant>(payload).value; }
  const FieldPath& path() const { return std::get<FieldPath>(payload); }
  const LikePattern& like() const { return std::get<LikePattern>(payload); }
  const Regex& regex() const { return std::get<Regex>(payload); }

  bool is_call(Function wanted) const { return kind == NodeKind::Call && function == wanted; }
};

/// The same condition, wherever it was written.
bool same_tree(const Node& a, const Node& b);

/// The canonical text of a tree; parsing it gives the same tree.
std::string print(const Node& node);

/// "==", "!=", …
const char* comparison_text(Comparison comparison);

}  // namespace observerd::condition
