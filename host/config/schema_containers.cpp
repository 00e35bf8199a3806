// Keywords for arrays and objects.
#include <re2/re2.h>

#include <algorithm>
#include <map>

#include "base/strings.hpp"
#include "config/validator_at.hpp"
#include "config/words.hpp"
#include "event/decimal.hpp"

namespace observerd::config {
namespace {

void canonical_to(std::string& out, const json::Value& value) {
  if (value.is_number()) {
    out += canonical_number(value.text());
  } else if (value.is_array()) {
    out += '[';
    for (const json::Value& item : value.items()) {
      canonical_to(out, item);
      out += ',';
    }
    out += ']';
  } else if (value.is_object()) {
    std::map<std::string_view, const json::Value*> sorted;
    for (const auto& [name, member] : value.members()) sorted[name] = &member;
    out += '{';
    for (const auto& [name, member] : sorted) {
      json::quote_to(out, name);
      out += ':';
      canonical_to(out, *member);
      out += ',';
    }
    out += '}';
  } else {
    json::write_to(out, value);
  }
}

std::string items(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " item" : " items");
}

}  // namespace

std::string canonical_text(const json::Value& value) {
  std::string out;
  canonical_to(out, value);
  return out;
}

void Validator::check_array(const At& at) {
  if (!at.value.is_array()) return;
  const json::Value::Array& list = at.value.items();
  const auto least = at.count("minItems");
  const auto most = at.count("maxItems");
  if (least && list.size() < *least) {
    at.fault(*least == 1
                 ? "must not be empty"
                 : "must have at least " + items(*least) + ", has " + std::to_string(list.size()));
  }
  if (most && list.size() > *most) {
    at.fault("must have at most " + items(*most) + ", has " + std::to_string(list.size()));
  }
  if (const json::Value* schema = at.schema.find("items")) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      check(list[i], *schema, json::join_pointer(at.pointer, i), 0, at.out);
    }
  }
  const json::Value* unique = at.keyword("uniqueItems", json::Type::Boolean);
  if (unique == nullptr || !unique->as_boolean()) return;
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto [first, is_new] = seen.emplace(canonical_text(list[i]), i);
    if (is_new) continue;
    at.out.push_back(
        {json::join_pointer(at.pointer, i),
         &list[i],
         "is the same as item " + std::to_string(first->second) + ": the items must differ",
         SchemaFault::Kind::Other,
         {}});
  }
}

void Validator::check_object(const At& at) {
  if (!at.value.is_object()) return;
  check_required(at);
  for (const json::Member& member : at.value.members()) check_member(at, member);
  check_dependencies(at);
}

void Validator::check_required(const At& at) {
  const json::Value* required = at.keyword("required", json::Type::Array);
  if (required == nullptr) return;
  for (const json::Value& name : required->items()) {
    if (!name.is_string() || at.value.find(name.text()) != nullptr) continue;
    at.out.push_back({json::join_pointer(at.pointer, name.text()),
                      &at.value,
                      "the setting " + in_quotes(name.text()) + " is missing",
                      SchemaFault::Kind::Missing,
                      {name.text()}});
  }
}

void Validator::check_member(const At& at, const json::Member& member) {
  const auto& [name, value] = member;
  const std::string pointer = json::join_pointer(at.pointer, name);
  const json::Value* properties = at.keyword("properties", json::Type::Object);
  const json::Value* own = properties == nullptr ? nullptr : properties->find(name);
  bool known = own != nullptr;
  if (known) check(value, *own, pointer, 0, at.out);
  if (const json::Value* patterns = at.keyword("patternProperties", json::Type::Object)) {
    for (const auto& [pattern, schema] : patterns->members()) {
      RE2::Options options;
      options.set_log_errors(false);
      const RE2 expression(pattern, options);
      if (!expression.ok() || !RE2::PartialMatch(name, expression)) continue;
      known = true;
      check(value, schema, pointer, 0, at.out);
    }
  }
  const json::Value* others = at.schema.find("additionalProperties");
  if (known || others == nullptr) return;
  if (!others->is_boolean()) return check(value, *others, pointer, 0, at.out);
  if (others->as_boolean()) return;
  std::vector<std::string> names;
  if (properties != nullptr) {
    for (const auto& [property, schema] : properties->members()) names.push_back(property);
  }
  at.out.push_back({pointer,
                    &value,
                    "unknown setting " + in_quotes(name) + did_you_mean(name, names),
                    SchemaFault::Kind::Other,
                    {}});
}

void Validator::check_dependencies(const At& at) {
  const json::Value* dependencies = at.keyword("dependencies", json::Type::Object);
  if (dependencies == nullptr) return;
  for (const auto& [name, needs] : dependencies->members()) {
    if (at.value.find(name) == nullptr) continue;
    if (!needs.is_array()) {
      check(at.value, needs, at.pointer, at.hops + 1, at.out);
      continue;
    }
    for (const json::Value& other : needs.items()) {
      if (!other.is_string() || at.value.find(other.text()) != nullptr) continue;
      at.out.push_back({json::join_pointer(at.pointer, other.text()),
                        &at.value,
                        "the setting " + in_quotes(other.text()) +
                            " is missing: " + in_quotes(name) + " needs it",
                        SchemaFault::Kind::Other,
                        {}});
    }
  }
}

}  // namespace observerd::config
