#pragma once

#include <forward_list>
#include <optional>
#include <string>
#include <string_view>

#include "condition/condition.hpp"
#include "condition/tree.hpp"
#include "event/decimal.hpp"

namespace observerd::condition {

/// A value while it is looked at: a view of a row, of a constant, or of something computed. Valid
/// as long as what it was set from is. Filled in place: it is large for a return value.
struct Operand {
  json::Type type = json::Type::Null;
  bool boolean = false;
  SmallDecimal small{0, -1};   ///< of a number that fits; else scale is -1
  std::string_view text = {};  ///< of a string or a number; empty for a number that was counted
  const json::Value* json = nullptr;  ///< of an array or object

  void set(bool value) {
    type = json::Type::Boolean;
    boolean = value;
  }
  void set(std::string_view value) {
    type = json::Type::String;
    text = value;
  }
  void set_number(std::string_view literal) {
    type = json::Type::Number;
    text = literal;
    small = SmallDecimal::parse(literal).value_or(SmallDecimal{0, -1});
  }
  void set(const json::Value& value);
  void set(const Constant& constant);
  json::Value to_json() const;
  /// The literal of a number.
  std::string number() const;
};

// What single operations come to, for whoever walks a condition. Empty answers are errors.

bool operands_equal(const Operand& a, const Operand& b);
/// Of two numbers.
std::strong_ordering order_numbers(const Operand& a, const Operand& b);
std::optional<bool> compare_operands(Comparison comparison, const Operand& a, const Operand& b);
/// A quoted value stands for a number or boolean of that text too: what one writes in a call of
/// field_changed_to does not depend on the column being numeric.
bool equals_quoted(const Operand& value, std::string_view quoted);
/// A text in a text, an element in an array, a key in an object.
std::optional<bool> operand_contains(const Operand& whole, const Operand& part);
/// Code points, elements or keys.
std::optional<std::size_t> length_of(const Operand& operand);
/// event.NAME; texts that have to be made are kept in `texts`.
void set_event_member(const Event& event, std::string_view name, Operand& out,
                      std::forward_list<std::string>& texts);

bool holds(Comparison comparison, std::strong_ordering order);
/// `a < b` is `!(a >= b)`: the comparison that holds when this one does not, of values that have an
/// order.
Comparison negation(Comparison comparison);
/// `a < b` is `b > a`.
Comparison mirrored(Comparison comparison);

inline Truth truth_of(bool value) {
  return value ? Truth::True : Truth::False;
}

inline Truth negated_if(bool negated, bool value) {
  return truth_of(value != negated);
}

}  // namespace observerd::condition
