#include "condition/evaluator.hpp"

namespace observerd::condition {

void Operand::set(const json::Value& value) {
  type = value.type();
  switch (type) {
    case json::Type::Null:
      break;
    case json::Type::Boolean:
      boolean = value.as_boolean();
      break;
    case json::Type::Number:
      text = value.text();
      small = SmallDecimal::parse(text).value_or(SmallDecimal{0, -1});
      break;
    case json::Type::String:
      text = value.text();
      break;
    case json::Type::Array:
    case json::Type::Object:
      json = &value;
      break;
  }
}

void Operand::set(const Constant& constant) {
  type = constant.value.type();
  if (type == json::Type::String || type == json::Type::Number) text = constant.value.text();
  if (type == json::Type::Boolean) boolean = constant.value.as_boolean();
  small = constant.small;
}

std::string Operand::number() const {
  return text.empty() ? std::to_string(small.mantissa) : std::string(text);
}

json::Value Operand::to_json() const {
  switch (type) {
    case json::Type::Null:
      return {};
    case json::Type::Boolean:
      return json::Value::boolean(boolean);
    case json::Type::Number:
      return json::Value::number(number());
    case json::Type::String:
      return json::Value::string(std::string(text));
    case json::Type::Array:
    case json::Type::Object:
      return *json;
  }
  return {};
}

bool operands_equal(const Operand& a, const Operand& b) {
  if (a.type != b.type) return false;
  switch (a.type) {
    case json::Type::Null:
      return true;
    case json::Type::Boolean:
      return a.boolean == b.boolean;
    case json::Type::Number:
      return order_numbers(a, b) == 0;
    case json::Type::String:
      return a.text == b.text;
    case json::Type::Array:
    case json::Type::Object:
      return json_equal(*a.json, *b.json);
  }
  return false;
}

std::strong_ordering order_numbers(const Operand& a, const Operand& b) {
  if (a.small.scale >= 0 && b.small.scale >= 0) return a.small <=> b.small;
  if (!a.text.empty() && !b.text.empty()) return compare_numbers(a.text, b.text);
  return compare_numbers(a.number(), b.number());
}

}  // namespace observerd::condition
