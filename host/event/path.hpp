#pragma once

#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "event/event.hpp"

namespace observerd {

/// Where a condition or a template reads: `status`, `new.total`, `old["a.b"].c[0]`, `event.kind`.
/// The grammar is the `path` of the condition language. `new`, `old` and `data` alone are whole
/// rows (no steps); `event` has one step, a name of event_members(). A plain value.
struct FieldPath {
  enum class Root : unsigned char { Row, New, Old, Event };
  using Step = std::variant<std::string, std::size_t>;  // a member, or an index from 0

  Root root = Root::Row;
  std::vector<Step> steps;

  /// The canonical text; parse_path reads it back to an equal path.
  std::string to_string() const;
  bool operator==(const FieldPath&) const = default;
};

/// Reads a path; `offset` of the error is in its place as column. `data.x` becomes `x`.
/// `code` goes into the error (a condition's or a template's).
Result<FieldPath> parse_path(std::string_view text, Code code);
/// The same inside a larger text: reads the longest path from byte `at` and moves `at` behind it.
/// The error's place and caret are those of the whole text.
Result<FieldPath> scan_path(std::string_view text, std::size_t& at, Code code);

/// Identifiers of the language: a letter, `_` or any non-ASCII character, then digits too.
bool is_identifier_start(char c);
bool is_identifier_part(char c);
/// The quoted string whose opening quote, ' or ", is at byte `at`, its escapes resolved; moves `at`
/// behind the closing quote.
Result<std::string> scan_string(std::string_view text, std::size_t& at, Code code);
/// The reverse, in single quotes.
std::string quote_string(std::string_view text);

/// The names that may follow `event.`.
const std::vector<std::string>& event_members();

/// The value at a path, or nullptr when any part is missing (a null that is there is a Null value).
/// `scratch` holds the values that are made on the fly (`event.*`).
const json::Value* resolve(const Event& event, const FieldPath& path, json::Value& scratch);
/// The steps alone, below a given value.
const json::Value* resolve_steps(const json::Value* value,
                                 const std::vector<FieldPath::Step>& steps, std::size_t first = 0);

/// The same as Value::find, inline: this is where conditions spend their time. The first character
/// tells most names of equal length apart without a call.
inline const json::Value* find_member(const json::Value& object, const std::string& name) {
  if (!object.is_object()) return nullptr;
  const json::Value::Object& members = object.members();
  const std::size_t size = name.size();
  const char first = *name.c_str();
  for (std::size_t i = members.size(); i-- > 0;) {
    const std::string& candidate = members[i].first;
    if (candidate.size() == size && *candidate.c_str() == first &&
        std::memcmp(candidate.data(), name.data(), size) == 0) {
      return &members[i].second;
    }
  }
  return nullptr;
}

}  // namespace observerd
