#include "config/section.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "config/recorder.hpp"
#include "config/references.hpp"
#include "config/words.hpp"

namespace observerd::config {
namespace {

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void Reading::problem(const json::Value& near_value, const std::string& pointer,
                      std::string sentence) const {
  diagnostics.add(Status::error(Code::Configuration, std::move(sentence))
                      .at(sources.place(near_value.origin(), pointer)));
}

void Reading::problem(const json::Value& near_value, const std::string& pointer,
                      const Status& found) const {
  Status status = found;
  diagnostics.add(std::move(status).at(sources.place(near_value.origin(), pointer)));
}

bool Reading::follows(std::string_view pointer) const {
  if (used == nullptr) return true;
  pointer.remove_prefix(std::min<std::size_t>(1, pointer.size()));
  return contains(*used, pointer.substr(0, pointer.find('/')));
}

std::optional<std::string> Reading::text(const json::Value& value,
                                         const std::string& pointer) const {
  if (value.is_string()) return value.text();
  if (!looks_like_reference(value)) {
    problem(value, pointer, must_be("a string", value));
    return std::nullopt;
  }
  if (!follows(pointer)) {
    if (const Status bad = check_reference(value); !bad.ok()) problem(value, pointer, bad);
    return std::nullopt;
  }
  Result<Referenced> found = read_reference(value, environment, sources);
  if (found) return std::move(found->text);
  problem(value, pointer, found.status());
  return std::nullopt;
}

Section::Section(const Reading& reading, const json::Value* value, const json::Value& parent,
                 std::string pointer)
    : reading_(reading), near_(&parent), pointer_(std::move(pointer)) {
  if (reading.recorder != nullptr) {
    reading.recorder->note(pointer_,
                           json::Value::object({{"type", json::Value::string("object")}}));
  }
  if (value == nullptr) return;
  near_ = value;
  if (value->is_object()) {
    object_ = value;
  } else {
    reading_.problem(*value, pointer_, must_be("an object", *value));
  }
}

std::string Section::pointer_to(std::string_view name) const {
  return json::join_pointer(pointer_, name);
}

Place Section::place() const {
  return reading_.sources.place(near_->origin(), pointer_);
}

void Section::record(std::string_view name, std::initializer_list<json::Member> keywords) const {
  if (reading_.recorder == nullptr) return;
  reading_.recorder->note(pointer_to(name), json::Value::object(keywords));
}

void Section::record_text(std::string_view name,
                          std::initializer_list<json::Member> keywords) const {
  if (reading_.recorder == nullptr) return;
  reading_.recorder->note_text(pointer_to(name), json::Value::object(keywords));
}

void Section::must_have(std::string_view name) const {
  if (reading_.recorder != nullptr) reading_.recorder->require(pointer_, std::string(name));
}

const json::Value* Section::member(std::string_view name) {
  if (!is_taken(name)) taken_.emplace_back(name);
  return object_ == nullptr ? nullptr : object_->find(name);
}

const json::Value* Section::object(std::string_view name) {
  record(name, {{"type", json::Value::string("object")}});
  const json::Value* value = member(name);
  if (value == nullptr || value->is_object()) return value;
  problem(name, must_be("an object", *value));
  return nullptr;
}

const json::Value* Section::array(std::string_view name) {
  record(name, {{"type", json::Value::string("array")}});
  const json::Value* value = member(name);
  if (value == nullptr || value->is_array()) return value;
  problem(name, must_be("an array", *value));
  return nullptr;
}

std::optional<std::string> Section::string(std::string_view name) {
  record_text(name, {{"type", json::Value::string("string")}});
  const json::Value* value = member(name);
  texts_.emplace_back(name);
  const std::string short_form = std::string(name) + "_env";
  const json::Value* variable = object_ == nullptr ? nullptr : object_->find(short_form);
  if (variable == nullptr) {
    if (value == nullptr) return std::nullopt;
    return reading_.text(*value, pointer_to(name));
  }
  if (value != nullptr) {
    problem(short_form, in_quotes(name) + " is given as well: only one of the two may be there");
    return std::nullopt;
  }
  if (!variable->is_string()) {
    problem(short_form, must_be("the name of an environment variable", *variable));
    return std::nullopt;
  }
  if (!reading_.follows(pointer_)) return std::nullopt;
  Result<Referenced> found = read_variable(variable->text(), reading_.environment);
  if (found) return std::move(found->text);
  problem(short_form, found.status().message());
  return std::nullopt;
}

std::string Section::required_string(std::string_view name) {
  record_text(name, {{"minLength", json::Value::integer(1)}});
  must_have(name);
  // Where something else stands instead of the object, that has been reported.
  if (near_->is_object() && written(name) == nullptr) {
    reading_.problem(*near_, pointer_to(name), "the setting " + in_quotes(name) + " is missing");
  }
  std::optional<std::string> text = string(name);
  if (text && text->empty()) problem(name, "must not be empty");
  return std::move(text).value_or("");
}

std::optional<bool> Section::boolean(std::string_view name) {
  record(name, {{"type", json::Value::string("boolean")}});
  const json::Value* value = member(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->as_boolean();
  problem(name, must_be("true or false", *value));
  return std::nullopt;
}

std::optional<std::vector<TextItem>> Section::strings(std::string_view name) {
  if (reading_.recorder != nullptr) {
    const auto text = json::Value::object({{"type", json::Value::string("string")}});
    reading_.recorder->note_text(json::join_pointer(pointer_to(name), 0), text);
  }
  const json::Value* value = array(name);
  if (value == nullptr) return std::nullopt;
  const bool follows = reading_.follows(pointer_);
  std::vector<TextItem> out;
  IndexInFile index;
  bool whole = true;
  for (const json::Value& item : value->items()) {
    std::string pointer = json::join_pointer(pointer_to(name), index.next(item));
    if (std::optional<std::string> text = reading_.text(item, pointer)) {
      out.push_back({*std::move(text), &item, std::move(pointer)});
    }
    whole = whole && (follows || item.is_string());
  }
  if (!whole) return std::nullopt;
  return out;
}

std::optional<std::size_t> Section::choose(std::string_view name,
                                           const std::vector<std::string>& words) {
  if (reading_.recorder != nullptr) {
    json::Value choices = json::Value::array();
    for (const std::string& word : words) choices.push_back(json::Value::string(word));
    record_text(name, {{"enum", std::move(choices)}});
  }
  const std::optional<std::string> word = string(name);
  if (!word) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), *word);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  problem(name, "must be " + either(quote_all(words)) + did_you_mean(*word, words));
  return std::nullopt;
}

const json::Value* Section::written(std::string_view name) const {
  if (object_ == nullptr) return nullptr;
  const json::Value* value = object_->find(name);
  return value != nullptr ? value : object_->find(std::string(name) + "_env");
}

void Section::problem(std::string_view name, std::string sentence) {
  const json::Value* value = written(name);
  reading_.problem(value == nullptr ? *near_ : *value, pointer_to(name), std::move(sentence));
}

bool Section::is_taken(std::string_view name) const {
  return contains(taken_, name) || contains(texts_, short_form_base(name));
}

void Section::finish() {
  if (reading_.recorder != nullptr) {
    reading_.recorder->note(
        pointer_, json::Value::object({{"additionalProperties", json::Value::boolean(false)}}));
  }
  if (object_ == nullptr) return;
  for (const json::Member& member : object_->members()) {
    const auto& [name, value] = member;
    if (is_taken(name)) continue;
    const std::string hint = did_you_mean(name, taken_);
    Status problem = Status::error(Code::Configuration, "unknown setting " + in_quotes(name) + hint)
                         .at(reading_.sources.name_place(name, value.origin(), pointer_to(name)));
    if (hint.empty()) problem.note("settings here: " + join(taken_, ", "));
    reading_.diagnostics.add(std::move(problem));
  }
}

json::Value Section::rest() {
  json::Value out = json::Value::object();
  if (object_ == nullptr) return out;
  out.set_origin(object_->origin());
  for (const json::Member& member : object_->members()) {
    if (!is_taken(member.first)) out.members().push_back(member);
  }
  return out;
}

}  // namespace observerd::config
