#include "templates/filters.hpp"

#include <algorithm>
#include <utility>

#include "base/letter_case.hpp"
#include "base/strings.hpp"
#include "templates/date.hpp"
#include "templates/escape.hpp"
#include "templates/rounding.hpp"
#include "templates/url.hpp"

namespace observerd::templates {
namespace {

using Kind = Filter::Kind;

Status needs(const Filter& filter, std::string_view what, const json::Value& value) {
  return Status::error(Code::Template, "the filter \"" + std::string(filter_name(filter.kind)) +
                                           "\" takes " + std::string(what) + ", not " +
                                           std::string(json::type_words(value.type())));
}

Status too_large() {
  return Status::error(Code::Template, "the result of a filter is larger than " +
                                           std::to_string(kMaxOutputBytes) + " bytes");
}

/// The bytes of the first `count` code points.
std::size_t prefix_bytes(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && count-- == 0) break;
  }
  return at;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

bool is_json_number(std::string_view text) {
  if (text.empty() || (text[0] != '-' && (text[0] < '0' || text[0] > '9'))) return false;
  const Result<json::Value> parsed = json::parse(text, Code::Template);
  return parsed.ok() && parsed->is_number() && parsed->text() == text;
}

Result<json::Value> number(const Filter& filter, const json::Value& value) {
  if (!value.is_number() && !value.is_string()) return needs(filter, "a number", value);
  if (value.is_string() && !is_json_number(value.text())) {
    return Status::error(Code::Template,
                         "the filter \"number\" takes a number, not \"" +
                             value.text().substr(0, prefix_bytes(value.text(), 40)) + "\"");
  }
  std::optional<std::string> rounded = round_decimal(value.text(), filter.count);
  if (!rounded) {
    return Status::error(Code::Template,
                         "the filter \"number\" cannot write out a number of that size");
  }
  return json::Value::number(std::move(*rounded));
}

Result<json::Value> date(const Filter& filter, const json::Value& value) {
  if (!value.is_string()) return needs(filter, "a timestamp", value);
  const std::optional<CivilTime> time = read_timestamp(value.text());
  if (!time) {
    return Status::error(Code::Template,
                         "the filter \"date\" takes a timestamp such as 2026-01-31T12:00:00Z, not "
                         "\"" +
                             value.text().substr(0, prefix_bytes(value.text(), 40)) + "\"");
  }
  return json::Value::string(format_date(*time, filter.argument.text()));
}

Result<json::Value> element(const Filter& filter, const json::Value& value) {
  if (!value.is_array()) return needs(filter, "a list", value);
  if (value.items().empty()) return json::Value();
  return filter.kind == Kind::First ? value.items().front() : value.items().back();
}

Result<json::Value> join_items(const Filter& filter, const json::Value& value) {
  if (!value.is_array()) return needs(filter, "a list", value);
  std::string out;
  for (const json::Value& item : value.items()) {
    if (&item != value.items().data()) out += filter.argument.text();
    append_text(out, item);
    if (out.size() > kMaxOutputBytes) return too_large();
  }
  return json::Value::string(std::move(out));
}

Result<json::Value> length(const Filter& filter, const json::Value& value) {
  std::size_t count = 0;
  if (value.is_string()) {
    count = code_points(value.text());
  } else if (value.is_array()) {
    count = value.items().size();
  } else if (value.is_object()) {
    count = value.members().size();
  } else {
    return needs(filter, "a string, a list or an object", value);
  }
  return json::Value::integer(static_cast<std::int64_t>(count));
}

/// The filters that change text: strings, and numbers and booleans as they are written.
Result<json::Value> change_text(const Filter& filter, const json::Value& value) {
  if (value.is_array() || value.is_object()) return needs(filter, "text", value);
  std::string text;
  append_text(text, value);
  if (filter.kind == Kind::Upper) text = upper_case(text);
  if (filter.kind == Kind::Lower) text = lower_case(text);
  if (filter.kind == Kind::Trim) text = std::string(trim(text));
  if (filter.kind == Kind::Truncate) text.resize(prefix_bytes(text, filter.count));
  if (filter.kind == Kind::UrlEncode) {
    std::string encoded;
    percent_encode(encoded, text);
    text = std::move(encoded);
  }
  if (text.size() > kMaxOutputBytes) return too_large();
  return json::Value::string(std::move(text));
}

}  // namespace

Result<json::Value> apply_filter(const Filter& filter, const json::Value& value) {
  if (filter.kind == Kind::Json) {
    std::string text = json::write(value);
    if (text.size() > kMaxOutputBytes) return too_large();
    return json::Value::string(std::move(text));
  }
  if (value.is_null()) return json::Value();
  switch (filter.kind) {
    case Kind::Number:
      return number(filter, value);
    case Kind::Date:
      return date(filter, value);
    case Kind::First:
    case Kind::Last:
      return element(filter, value);
    case Kind::Join:
      return join_items(filter, value);
    case Kind::Length:
      return length(filter, value);
    default:
      return change_text(filter, value);
  }
}

void append_text(std::string& out, const json::Value& value) {
  switch (value.type()) {
    case json::Type::Null:
      break;
    case json::Type::Boolean:
      out += value.as_boolean() ? "true" : "false";
      break;
    case json::Type::Number:
    case json::Type::String:
      out += value.text();
      break;
    case json::Type::Array:
    case json::Type::Object:
      json::write_to(out, value);
      break;
  }
}

}  // namespace observerd::templates
