#include "check/sample_value.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/strings.hpp"
#include "config/schema.hpp"

namespace observerd::check {
namespace {

constexpr int most_hops = 16;
constexpr std::size_t most_length = 4096;

/// Port 1 (tcpmux) is closed everywhere.
constexpr std::array<std::string_view, 3> destinations = {"https://127.0.0.1:1/",
                                                          "http://127.0.0.1:1/", "127.0.0.1:1"};
/// Tried in this order where a pattern is to be met.
constexpr std::array<std::string_view, 20> texts = {
    "check",
    "127.0.0.1",
    "/proc/self/observerd-plugin-check",  // nobody can create a file there
    "check@localhost.invalid",
    "1s",
    "1",
    "1KiB",
    "+15005550006",
    "check_1",
    "CHECK",
    "a",
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    "00:00",
    "7d6f1bd4-33c1-5f2e-9c57-0c2b8f1e6a10",
    "0123456789abcdef0123456789abcdef",
    "Y2hlY2tjaGVja2NoZWNrY2hlY2tjaGVja2NoZWNrY2g=",
    "1.0",
    "a=b",
    "a/b"};

bool has_word(std::string_view name, std::initializer_list<std::string_view> words) {
  const std::string lower = ascii_lower(name);
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

bool names_destination(std::string_view name, const json::Value& schema) {
  const json::Value* initial = schema.find("default");
  return schema.find("x-lane") != nullptr || schema.string_or("x-template") == "url" ||
         schema.string_or("format") == "uri" ||
         (initial != nullptr && initial->is_string() &&
          initial->text().find("://") != std::string::npos) ||
         has_word(name, {"url", "uri", "endpoint", "host", "server"});
}

class Sampler {
 public:
  Sampler(const json::Value& root, const SampleStyle& style) : root_(root), style_(style) {}

  json::Value make(const json::Value& written, std::string_view name, int hops) const {
    const json::Value& schema = resolved(written);
    if (hops > most_hops) return {};
    const bool destination = names_destination(name, schema);
    if (const json::Value* value = schema.find("const")) return *value;
    if (const json::Value* choice = first_of(schema, "enum")) return *choice;
    if (!destination) {
      if (const json::Value* value = schema.find("default")) return *value;
      if (const json::Value* value = first_of(schema, "examples")) return *value;
    }
    const std::string type = type_of(schema);
    if (type.empty()) {
      if (const json::Value* branch = branch_of(schema)) return make(*branch, name, hops + 1);
    }
    if (type == "object") return make_object(schema, hops);
    if (type == "array") return make_array(schema, name, hops);
    if (type == "integer" || type == "number") return make_number(schema);
    if (type == "boolean") return json::Value::boolean(false);
    if (type == "null") return {};
    return make_text(schema, name, destination);
  }

 private:
  const json::Value& resolved(const json::Value& schema) const {
    const json::Value* at = &schema;
    for (int hops = 0; hops < most_hops; ++hops) {
      const std::string reference = at->string_or("$ref");
      if (reference.empty() || reference.front() != '#') break;
      const json::Value* target = json::at_pointer(root_, std::string_view(reference).substr(1));
      if (target == nullptr) break;
      at = target;
    }
    return *at;
  }

  static const json::Value* first_of(const json::Value& schema, std::string_view keyword) {
    const json::Value* list = schema.find(keyword);
    return list != nullptr && list->is_array() && !list->items().empty() ? &list->items().front()
                                                                         : nullptr;
  }

  static std::string type_of(const json::Value& schema) {
    const json::Value* type = schema.find("type");
    if (type != nullptr && type->is_string()) return type->text();
    if (const json::Value* first = first_of(schema, "type")) return first->text();
    return schema.find("properties") != nullptr ? "object" : "";
  }

  const json::Value* branch_of(const json::Value& schema) const {
    for (const char* keyword : {"oneOf", "anyOf", "allOf"}) {
      const json::Value* list = schema.find(keyword);
      if (list == nullptr || !list->is_array() || list->items().empty()) continue;
      return &list->items()[std::min(style_.branch, list->items().size() - 1)];
    }
    return nullptr;
  }

  json::Value make_object(const json::Value& schema, int hops) const {
    json::Value object = json::Value::object();
    add_members(schema, schema, object, hops);
    // What a branch demands, described where the object's properties are.
    if (const json::Value* branch = branch_of(schema)) {
      add_members(resolved(*branch), schema, object, hops);
    }
    const json::Value* more = schema.find("additionalProperties");
    if (style_.all_members && more != nullptr && more->is_object()) {
      object.set("check", make(*more, "check", hops + 1));
    }
    return object;
  }

  void add_members(const json::Value& schema, const json::Value& described, json::Value& object,
                   int hops) const {
    const json::Value* own = schema.find("properties");
    const json::Value* others = described.find("properties");
    if (own != nullptr && own->is_object()) {
      for (const auto& [name, member] : own->members()) {
        if (!style_.all_members && !names_destination(name, resolved(member))) continue;
        object.set(name, make(member, name, hops + 1));
      }
    }
    const json::Value* required = schema.find("required");
    if (required == nullptr || !required->is_array()) return;
    for (const json::Value& name : required->items()) {
      if (!name.is_string() || object.find(name.text()) != nullptr) continue;
      const json::Value* member = own == nullptr ? nullptr : own->find(name.text());
      if (member == nullptr && others != nullptr) member = others->find(name.text());
      object.set(name.text(), member == nullptr ? json::Value::string("check")
                                                : make(*member, name.text(), hops + 1));
    }
  }

  json::Value make_array(const json::Value& schema, std::string_view name, int hops) const {
    json::Value array = json::Value::array();
    const json::Value* items = schema.find("items");
    std::size_t count = count_of(schema, "minItems");
    if (style_.all_members || names_destination(name, schema))
      count = std::max<std::size_t>(count, 1);
    for (std::size_t i = 0; i < std::min<std::size_t>(count, 64); ++i) {
      array.push_back(items == nullptr ? json::Value::string("check")
                                       : make(*items, name, hops + 1));
    }
    return array;
  }

  static std::size_t count_of(const json::Value& schema, std::string_view keyword) {
    const json::Value* value = schema.find(keyword);
    return value != nullptr && value->is_number() ? std::strtoul(value->text().c_str(), nullptr, 10)
                                                  : 0;
  }

  static json::Value make_number(const json::Value& schema) {
    for (const char* candidate : {"1", "2", "0", "10", "100", "1000", "-1"}) {
      json::Value number = json::Value::number(candidate);
      if (fits(number, schema)) return number;
    }
    for (const char* keyword : {"minimum", "maximum"}) {
      const json::Value* bound = schema.find(keyword);
      if (bound != nullptr && bound->is_number()) return *bound;
    }
    return json::Value::number("1");
  }

  static json::Value make_text(const json::Value& schema, std::string_view name, bool destination) {
    std::vector<std::string_view> candidates;
    if (destination && has_word(name, {"host", "server"}) && !has_word(name, {"url"})) {
      candidates.push_back("127.0.0.1");
    }
    if (destination) candidates.insert(candidates.end(), destinations.begin(), destinations.end());
    if (has_word(name, {"file", "path", "directory"})) candidates.push_back(texts[2]);
    candidates.insert(candidates.end(), texts.begin(), texts.end());
    if (!destination) {
      candidates.insert(candidates.end(), destinations.begin(), destinations.end());
    }
    for (const std::string_view candidate : candidates) {
      json::Value text = json::Value::string(std::string(candidate));
      if (fits(text, schema)) return text;
    }
    const std::size_t length = std::min(count_of(schema, "minLength"), most_length);
    return json::Value::string(std::string(std::max<std::size_t>(length, 1), 'x'));
  }

  const json::Value& root_;
  const SampleStyle style_;
};

}  // namespace

json::Value sample_value(const json::Value& schema, const SampleStyle& style) {
  json::Value value = Sampler(schema, style).make(schema, "", 0);
  return value.is_object() ? value : json::Value::object();
}

bool fits(const json::Value& value, const json::Value& schema) {
  bool good = true;
  config::validate_schema(
      value, schema,
      [&](const std::string&, const json::Value&, const std::string&) { good = false; });
  return good;
}

}  // namespace observerd::check
