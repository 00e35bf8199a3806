// Is a document a schema that this host honours?
#include <re2/re2.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "base/strings.hpp"
#include "config/schema.hpp"
#include "config/validator.hpp"
#include "config/words.hpp"

namespace observerd::config {
namespace {

enum class Shape : unsigned char {
  Anything,
  String,
  Boolean,
  Count,
  Number,
  NumberOrBoolean,
  Array,
  Names,
  Types,
  Pattern,
  Reference,
  Schema,
  SchemaOrBoolean,
  SchemaList,
  SchemaMap,
  PatternMap,
  Dependencies,
  Escape,
  Lane,
};

struct Keyword {
  std::string_view name;
  Shape shape;
};

constexpr Keyword kKeywords[] = {{"$schema", Shape::String},
                                 {"$ref", Shape::Reference},
                                 {"title", Shape::String},
                                 {"description", Shape::String},
                                 {"default", Shape::Anything},
                                 {"examples", Shape::Array},
                                 {"format", Shape::String},
                                 {"definitions", Shape::SchemaMap},
                                 {"type", Shape::Types},
                                 {"properties", Shape::SchemaMap},
                                 {"required", Shape::Names},
                                 {"additionalProperties", Shape::SchemaOrBoolean},
                                 {"patternProperties", Shape::PatternMap},
                                 {"items", Shape::Schema},
                                 {"enum", Shape::Array},
                                 {"const", Shape::Anything},
                                 {"minimum", Shape::Number},
                                 {"maximum", Shape::Number},
                                 {"exclusiveMinimum", Shape::NumberOrBoolean},
                                 {"exclusiveMaximum", Shape::NumberOrBoolean},
                                 {"minLength", Shape::Count},
                                 {"maxLength", Shape::Count},
                                 {"pattern", Shape::Pattern},
                                 {"minItems", Shape::Count},
                                 {"maxItems", Shape::Count},
                                 {"uniqueItems", Shape::Boolean},
                                 {"oneOf", Shape::SchemaList},
                                 {"anyOf", Shape::SchemaList},
                                 {"allOf", Shape::SchemaList},
                                 {"not", Shape::Schema},
                                 {"dependencies", Shape::Dependencies},
                                 {"x-secret", Shape::Boolean},
                                 {"x-template", Shape::Escape},
                                 {"x-lane", Shape::Lane}};

class Checker {
 public:
  explicit Checker(const json::Value& root) : root_(root) {}

  void check(const json::Value& schema, const std::string& pointer) {
    if (!schema.is_object()) return add(pointer, must_be("a schema", schema));
    for (const auto& [name, value] : schema.members()) {
      const std::string below = json::join_pointer(pointer, name);
      const auto keyword =
          std::find_if(std::begin(kKeywords), std::end(kKeywords),
                       [&name = name](const Keyword& known) { return known.name == name; });
      if (keyword != std::end(kKeywords)) {
        check_shape(value, keyword->shape, below);
      } else if (!name.starts_with("x-")) {
        add(below, "unknown keyword " + in_quotes(name) + did_you_mean(name, keyword_names()));
      }
    }
    if (!circle_found_ && hops_below(schema) > kMaxHops) {
      circle_found_ = true;
      add(pointer, "refers to itself, or to more than 16 schemas for one value");
    }
  }

  Status verdict() const {
    if (found_.empty()) return {};
    Place place;
    place.pointer = found_[0].first;
    Status out = Status::error(Code::PluginLoad, "the schema is not usable: " + found_[0].second);
    out.at(std::move(place));
    for (std::size_t i = 1; i < found_.size(); ++i) {
      out.note(found_[i].first + ": " + found_[i].second);
    }
    return out;
  }

 private:
  void add(const std::string& pointer, std::string sentence) {
    found_.emplace_back(pointer, std::move(sentence));
  }

  static std::vector<std::string> keyword_names() {
    std::vector<std::string> names;
    for (const Keyword& keyword : kKeywords) names.emplace_back(keyword.name);
    return names;
  }

  void check_shape(const json::Value& value, Shape shape, const std::string& pointer);
  void expect(bool right, std::string_view wanted, const json::Value& value,
              const std::string& pointer) {
    if (!right) add(pointer, must_be(wanted, value));
  }
  void check_words(const json::Value& value, const std::vector<std::string>& words,
                   const std::string& pointer) {
    const bool known =
        value.is_string() && std::find(words.begin(), words.end(), value.text()) != words.end();
    if (!known) add(pointer, "must be " + either(quote_all(words)));
  }
  void check_names(const json::Value& value, const std::string& pointer) {
    const bool right =
        value.is_array() && std::all_of(value.items().begin(), value.items().end(),
                                        [](const json::Value& item) { return item.is_string(); });
    if (!right) add(pointer, "must be an array of strings");
  }
  void check_types(const json::Value& value, const std::string& pointer);
  void check_pattern(const std::string& pattern, const std::string& pointer);
  void check_map(const json::Value& value, const std::string& pointer, Shape shape);

  /// The longest chain of schemas that apply to the same value; more than kMaxHops for a circle.
  int hops_below(const json::Value& schema);
  int most_hops(const json::Value& list);

  static constexpr int kMaxHops = 16;  // as far as validation goes
  const json::Value& root_;
  std::map<const json::Value*, int> hops_;  ///< of schemas that were followed already
  bool circle_found_ = false;
  std::vector<std::pair<std::string, std::string>> found_;
};

void Checker::check_shape(const json::Value& value, Shape shape, const std::string& pointer) {
  switch (shape) {
    case Shape::Anything:
      return;
    case Shape::String:
      return expect(value.is_string(), "a string", value, pointer);
    case Shape::Boolean:
      return expect(value.is_boolean(), "a boolean", value, pointer);
    case Shape::Number:
      return expect(value.is_number(), "a number", value, pointer);
    case Shape::NumberOrBoolean:
      return expect(value.is_number() || value.is_boolean(), "a number or a boolean", value,
                    pointer);
    case Shape::Count:
      if (value.is_number() && value.text().size() < 10 &&
          value.text().find_first_not_of("0123456789") == std::string::npos) {
        return;
      }
      return add(pointer, "must be a whole number from 0 to 999999999");
    case Shape::Array:
      return expect(value.is_array(), "an array", value, pointer);
    case Shape::Names:
      return check_names(value, pointer);
    case Shape::Types:
      return check_types(value, pointer);
    case Shape::Pattern:
      if (value.is_string()) return check_pattern(value.text(), pointer);
      return expect(false, "a string", value, pointer);
    case Shape::Reference:
      if (value.is_string() && find_definition(root_, value.text()) != nullptr) return;
      return add(pointer, "must name a schema below #/definitions/");
    case Shape::SchemaOrBoolean:
      if (value.is_boolean()) return;
      return check(value, pointer);
    case Shape::Schema:
      return check(value, pointer);
    case Shape::SchemaList:
      if (!value.is_array() || value.items().empty()) {
        return add(pointer, "must be an array of at least one schema");
      }
      for (std::size_t i = 0; i < value.items().size(); ++i) {
        check(value.items()[i], json::join_pointer(pointer, i));
      }
      return;
    case Shape::SchemaMap:
    case Shape::PatternMap:
    case Shape::Dependencies:
      return check_map(value, pointer, shape);
    case Shape::Escape:
      return check_words(value, {"text", "json", "url", "html", "header", "glob", "slack"},
                         pointer);
    case Shape::Lane:
      return check_words(value, {"origin", "value"}, pointer);
  }
}

void Checker::check_types(const json::Value& value, const std::string& pointer) {
  static const std::vector<std::string> kTypes = {"null",   "boolean", "integer", "number",
                                                  "string", "array",   "object"};
  if (!value.is_array()) return check_words(value, kTypes, pointer);
  if (value.items().empty()) add(pointer, "must not be empty");
  for (std::size_t i = 0; i < value.items().size(); ++i) {
    check_words(value.items()[i], kTypes, json::join_pointer(pointer, i));
  }
}

void Checker::check_pattern(const std::string& pattern, const std::string& pointer) {
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 expression(pattern, options);
  if (!expression.ok()) add(pointer, "is no pattern: " + expression.error());
}

void Checker::check_map(const json::Value& value, const std::string& pointer, Shape shape) {
  if (!value.is_object()) return add(pointer, must_be("an object", value));
  for (const auto& [name, member] : value.members()) {
    const std::string below = json::join_pointer(pointer, name);
    if (shape == Shape::PatternMap) check_pattern(name, below);
    if (shape == Shape::Dependencies && member.is_array()) {
      check_names(member, below);
    } else {
      check(member, below);
    }
  }
}

int Checker::most_hops(const json::Value& list) {
  int most = 0;
  if (list.is_array()) {
    for (const json::Value& next : list.items()) most = std::max(most, 1 + hops_below(next));
  } else if (list.is_object()) {
    for (const auto& [name, next] : list.members()) most = std::max(most, 1 + hops_below(next));
  }
  return most;
}

int Checker::hops_below(const json::Value& schema) {
  if (!schema.is_object()) return 0;
  // Taken for a circle until its own number is known.
  const auto [known, is_new] = hops_.emplace(&schema, kMaxHops + 1);
  if (!is_new) return known->second;
  int most = 0;
  if (const json::Value* reference = schema.find("$ref")) {
    const json::Value* target =
        reference->is_string() ? find_definition(root_, reference->text()) : nullptr;
    if (target != nullptr) most = 1 + hops_below(*target);
  } else {
    for (const std::string_view list : {"allOf", "anyOf", "oneOf", "dependencies"}) {
      if (const json::Value* branches = schema.find(list)) {
        most = std::max(most, most_hops(*branches));
      }
    }
    if (const json::Value* no = schema.find("not")) most = std::max(most, 1 + hops_below(*no));
  }
  most = std::min(most, kMaxHops + 1);
  known->second = most;
  return most;
}

}  // namespace

Status check_schema(const json::Value& schema) {
  Checker checker(schema);
  checker.check(schema, "");
  return checker.verdict();
}

}  // namespace observerd::config
