#pragma once

#include <forward_list>
#include <string>
#include <string_view>

#include "condition/condition.hpp"
#include "condition/tree.hpp"
#include "event/decimal.hpp"

namespace observerd::condition {

/// Why an evaluation came to no answer, as pointers into the tree: texts are made when somebody
/// asks.
struct Failure {
  enum class Reason : unsigned char {
    None,
    MissingField,
    MissingRow,
    NotBoolean,
    NotOrdered,
    NotText,
    NotNumber,
    NoContents,
    NoLength,
    NoOldRow,
  };
  Reason reason = Reason::None;
  const Node* node = nullptr;  ///< the sub-expression
  const FieldPath* path = nullptr;
  json::Type left = json::Type::Null;
  json::Type right = json::Type::Null;

  /// OB004; names sub-expression and field.
  Status status(const Event& event) const;
};

/// A value while it is looked at: a view of a row, of a constant, or of something computed. Valid
/// as long as the evaluator, the event and the tree are. Filled in place: it is large for a return
/// value.
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
  void set(const json::Value& value);
  void set(const Constant& constant);
  json::Value to_json() const;
  /// The literal of a number.
  std::string number() const;
};

bool operands_equal(const Operand& a, const Operand& b);
/// Of two numbers.
std::strong_ordering order_numbers(const Operand& a, const Operand& b);

/// Gives one condition its meaning for one event. This is the definition: the index and SQL must
/// agree with it on what fires. Allocates only for lower(), upper(), the length and equality
/// of objects, and event.time, event.event_id.
/// Recursion is as deep as the parser allows. Lives on the stack of one thread.
class Evaluator {
 public:
  /// With a `failure` the first one that decides is noted there.
  explicit Evaluator(const Event& event, Failure* failure = nullptr)
      : event_(event), failure_(failure) {}

  Truth truth(const Node& node);
  /// False when there is an error instead.
  bool value(const Node& node, Operand& out);

 private:
  Truth fail(const Node& node, Failure failure);
  /// What a chain leaves behind that came to true or false in spite of an error in it.
  void forget(Failure::Reason before);

  Truth predicate(const Node& node);
  Truth chain(const Node& node, Truth deciding);
  Truth boolean(const Node& node);
  Truth compare(const Node& node);
  std::optional<Truth> compare_directly(const Node& node) const;
  Truth in(const Node& node);
  Truth pattern(const Node& node);
  Truth call(const Node& node);
  Truth changed(const Node& node);
  Truth text_test(const Node& node);
  Truth contains(const Node& node);

  /// The value at a node's path; false when there is none, which is no error yet.
  bool look_up(const Node& node, Operand& out);
  void event_member(std::string_view name, Operand& out);
  const json::Value* find(const FieldPath& path) const;
  Truth missing(const Node& node);
  bool value_call(const Node& node, Operand& out);
  bool coalesce(const Node& node, Operand& out);
  bool length(const Node& node, Operand& argument);
  std::string_view keep(std::string text);

  const Event& event_;
  Failure* failure_;
  const Node* predicate_ = nullptr;       ///< the innermost one that is being evaluated
  std::forward_list<std::string> texts_;  ///< what computed operands point at
};

inline Truth truth_of(bool value) {
  return value ? Truth::True : Truth::False;
}

inline Truth negated_if(bool negated, bool value) {
  return truth_of(value != negated);
}

/// "null", "a boolean", "a number", …
const char* type_text(json::Type type);

}  // namespace observerd::condition
