#pragma once

#include <forward_list>
#include <string>
#include <string_view>

#include "condition/operand.hpp"

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

/// "null", "a boolean", "a number", …
const char* type_text(json::Type type);

}  // namespace observerd::condition
