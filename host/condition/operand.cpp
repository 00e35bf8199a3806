#include "condition/evaluator.hpp"

namespace observerd::condition {

Operand Operand::of(bool value) {
  Operand out;
  out.type = json::Type::Boolean;
  out.boolean = value;
  return out;
}

Operand Operand::of(std::string_view text) {
  Operand out;
  out.type = json::Type::String;
  out.text = text;
  return out;
}

Operand Operand::of(const json::Value& value) {
  Operand out;
  out.type = value.type();
  switch (out.type) {
    case json::Type::Null:
      break;
    case json::Type::Boolean:
      out.boolean = value.as_boolean();
      break;
    case json::Type::Number:
      out.text = value.text();
      if (const auto small = SmallDecimal::parse(out.text)) out.small = *small;
      break;
    case json::Type::String:
      out.text = value.text();
      break;
    case json::Type::Array:
    case json::Type::Object:
      out.json = &value;
      break;
  }
  return out;
}

std::string Operand::number() const {
  // Of a length there is no text: it was counted.
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
