#include "condition/operand.hpp"

#include <algorithm>
#include <vector>

#include "condition/unicode.hpp"

namespace observerd::condition {
namespace {

/// A repeated name is one key.
std::size_t count_keys(const json::Value::Object& members) {
  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const json::Member& member : members) names.emplace_back(member.first);
  std::sort(names.begin(), names.end());
  return static_cast<std::size_t>(std::unique(names.begin(), names.end()) - names.begin());
}

}  // namespace

void Operand::set(const json::Value& value) {
  type = value.type();
  switch (type) {
    case json::Type::Null:
      break;
    case json::Type::Boolean:
      boolean = value.as_boolean();
      break;
    case json::Type::Number:
      set_number(value.text());
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

Comparison negation(Comparison comparison) {
  switch (comparison) {
    case Comparison::Equal:
      return Comparison::NotEqual;
    case Comparison::NotEqual:
      return Comparison::Equal;
    case Comparison::Less:
      return Comparison::GreaterOrEqual;
    case Comparison::LessOrEqual:
      return Comparison::Greater;
    case Comparison::Greater:
      return Comparison::LessOrEqual;
    case Comparison::GreaterOrEqual:
      return Comparison::Less;
  }
  return comparison;
}

Comparison mirrored(Comparison comparison) {
  switch (comparison) {
    case Comparison::Less:
      return Comparison::Greater;
    case Comparison::LessOrEqual:
      return Comparison::GreaterOrEqual;
    case Comparison::Greater:
      return Comparison::Less;
    case Comparison::GreaterOrEqual:
      return Comparison::LessOrEqual;
    default:
      return comparison;
  }
}

bool holds(Comparison comparison, std::strong_ordering order) {
  switch (comparison) {
    case Comparison::Equal:
      return order == 0;
    case Comparison::NotEqual:
      return order != 0;
    case Comparison::Less:
      return order < 0;
    case Comparison::LessOrEqual:
      return order <= 0;
    case Comparison::Greater:
      return order > 0;
    case Comparison::GreaterOrEqual:
      return order >= 0;
  }
  return false;
}

std::optional<bool> compare_operands(Comparison comparison, const Operand& a, const Operand& b) {
  if (a.type == b.type && a.type == json::Type::Number) {
    return holds(comparison, order_numbers(a, b));
  }
  if (comparison == Comparison::Equal) return operands_equal(a, b);
  if (comparison == Comparison::NotEqual) return !operands_equal(a, b);
  // The bytes of UTF-8 are in the order of the code points.
  if (a.type == b.type && a.type == json::Type::String) return holds(comparison, a.text <=> b.text);
  return std::nullopt;
}

bool equals_quoted(const Operand& value, std::string_view quoted) {
  if (value.type == json::Type::String) return value.text == quoted;
  if (value.type == json::Type::Boolean) return quoted == (value.boolean ? "true" : "false");
  return value.type == json::Type::Number && is_number_literal(quoted) &&
         compare_numbers(value.number(), quoted) == 0;
}

std::optional<bool> operand_contains(const Operand& whole, const Operand& part) {
  if (whole.type == json::Type::Array) {
    const json::Value::Array& items = whole.json->items();
    return std::any_of(items.begin(), items.end(), [&](const json::Value& item) {
      Operand element;
      element.set(item);
      return operands_equal(element, part);
    });
  }
  if (part.type != json::Type::String) return std::nullopt;
  if (whole.type == json::Type::Object) return whole.json->find(part.text) != nullptr;
  if (whole.type != json::Type::String) return std::nullopt;
  return whole.text.find(part.text) != std::string_view::npos;
}

std::optional<std::size_t> length_of(const Operand& operand) {
  if (operand.type == json::Type::String) return count_code_points(operand.text);
  if (operand.type == json::Type::Array) return operand.json->items().size();
  if (operand.type == json::Type::Object) return count_keys(operand.json->members());
  return std::nullopt;
}

void set_event_member(const Event& event, std::string_view name, Operand& out,
                      std::forward_list<std::string>& texts) {
  const auto keep = [&](std::string text) {
    return std::string_view(texts.emplace_front(std::move(text)));
  };
  if (name == "kind") return out.set(kind_name(event.kind));
  if (name == "entity") return out.set(std::string_view(event.entity));
  if (name == "id") return out.set(std::string_view(event.key));
  if (name == "type") return out.set(std::string_view(event.type));
  if (name == "time") return out.set(keep(format_time(event.created)));
  if (name == "event_id") return out.set(keep(event.id.to_string()));
  if (!event.user.empty()) out.set(std::string_view(event.user));
}

}  // namespace observerd::condition
