#include "store/where.hpp"

#include "store/arrays.hpp"

namespace observerd::store {
namespace {

constexpr std::string_view kPlace = "$?";

/// The text form of an array (PostgreSQL manual, 8.15.6), every element quoted.
std::string quoted_array(const std::vector<std::string>& elements) {
  std::string text = "{";
  for (const std::string& element : elements) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (const char c : element) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + '}';
}

}  // namespace

void Where::add(std::string_view condition, std::string value) {
  values_.push_back(storable_text(value));
  const std::string number = "$" + std::to_string(values_.size());
  std::string text(condition);
  for (std::size_t at = 0; (at = text.find(kPlace, at)) != std::string::npos; at += number.size()) {
    text.replace(at, kPlace.size(), number);
  }
  add(text);
}

void Where::add(std::string_view condition) {
  if (!text_.empty()) text_ += " AND ";
  text_ += '(' + std::string(condition) + ')';
}

void Where::add_text(std::string_view condition, const std::string& value) {
  if (!value.empty()) add(condition, value);
}

void Where::add_time(std::string_view condition, const std::optional<WallTime>& value) {
  if (value) add(condition, std::to_string(to_microseconds(*value)));
}

void Where::add_id(std::string_view condition, const std::optional<Uuid>& value) {
  if (value) add(condition, value->to_string());
}

void Where::add_words(std::string_view condition, const std::vector<std::string>& words) {
  if (!words.empty()) add(condition, quoted_array(words));
}

void Where::add_ids(std::string_view condition, const std::vector<Uuid>& ids) {
  if (!ids.empty()) add(condition, array_literal(ids));
}

std::string array_literal(const std::vector<Uuid>& ids) {
  std::string text = "{";
  for (const Uuid& id : ids) {
    if (text.size() > 1) text += ',';
    text += id.to_string();
  }
  return text + '}';
}

}  // namespace observerd::store
