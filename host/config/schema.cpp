#include "config/schema.hpp"

#include <algorithm>

#include "base/json_schema_type.hpp"
#include "config/validator_at.hpp"
#include "config/words.hpp"

namespace observerd::config {
namespace {

/// Definitions may refer to each other: beyond this they go in a circle.
constexpr int kMaxHops = 16;
/// More than any honest schema takes; branches within branches multiply.
constexpr std::size_t kMaxSteps = 1'000'000;

std::string words_of_type(std::string_view type) {
  if (type == "null") return "null";
  if (type == "integer") return "a whole number";
  const bool vowel = type == "array" || type == "object";
  return (vowel ? "an " : "a ") + std::string(type);
}

}  // namespace

void Validator::check(const json::Value& value, const json::Value& schema,
                      const std::string& pointer, int hops, Faults& out) {
  const At at{value, schema, pointer, hops, out};
  if (++steps_ > kMaxSteps) {
    if (steps_ == kMaxSteps + 1) at.fault("cannot be checked: the schema takes too many steps");
    return;
  }
  if (hops > kMaxHops) {
    at.fault("cannot be checked: the schema refers to itself");
    return;
  }
  if (schema.is_boolean() && !schema.as_boolean()) at.fault("is not allowed here");
  if (!schema.is_object()) return;
  if (const json::Value* reference = at.keyword("$ref", json::Type::String)) {
    const json::Value* definition = find_definition(root_, reference->text());
    if (definition != nullptr) return check(value, *definition, pointer, hops + 1, out);
  }
  check_type(at);
  check_choices(at);
  check_number(at);
  check_string(at);
  check_array(at);
  check_object(at);
  check_branches(at);
}

void Validator::check_type(const At& at) {
  const json::Value* type = at.schema.find("type");
  if (type == nullptr) return;
  std::vector<std::string> allowed;
  if (type->is_string()) allowed.push_back(type->text());
  if (type->is_array()) {
    for (const json::Value& item : type->items()) {
      if (item.is_string()) allowed.push_back(item.text());
    }
  }
  if (allowed.empty()) return;
  std::vector<std::string> words;
  for (const std::string& name : allowed) {
    if (json::has_schema_type(at.value, name)) return;
    words.push_back(words_of_type(name));
  }
  at.out.push_back({at.pointer, &at.value, must_be(either(words), at.value),
                    SchemaFault::Kind::Type, std::move(words)});
}

void Validator::check_choices(const At& at) {
  std::vector<const json::Value*> choices;
  if (const json::Value* choice = at.schema.find("const")) choices.push_back(choice);
  if (const json::Value* list = at.keyword("enum", json::Type::Array)) {
    for (const json::Value& choice : list->items()) choices.push_back(&choice);
  }
  if (choices.empty()) return;
  const std::string wanted = canonical_text(at.value);
  std::vector<std::string> words;
  for (const json::Value* choice : choices) {
    if (canonical_text(*choice) == wanted) return;
    words.push_back(json::write(*choice));
  }
  at.out.push_back({at.pointer, &at.value, must_be_one_of(words, at.value),
                    SchemaFault::Kind::Choice, std::move(words)});
}

const json::Value* find_definition(const json::Value& root, std::string_view reference) {
  constexpr std::string_view kPrefix = "#/definitions/";
  if (!reference.starts_with(kPrefix)) return nullptr;
  return json::at_pointer(root, reference.substr(1));
}

void validate_schema(const json::Value& value, const json::Value& schema,
                     const SchemaProblem& problem) {
  Validator::Faults faults;
  Validator(schema).check(value, schema, "", 0, faults);
  for (const SchemaFault& fault : faults) problem(fault.pointer, *fault.near, fault.sentence);
}

}  // namespace observerd::config
