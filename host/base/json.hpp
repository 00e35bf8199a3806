#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.hpp"

/// The one JSON reader and writer of the host. RapidJSON does the parsing; its headers stay inside
/// json.cpp. Numbers are kept as they were written, so that no digit is ever lost.
namespace observerd::json {

enum class Type : std::uint8_t { Null, Boolean, Number, String, Array, Object };

/// "null", "a boolean", "a number", "a string", "an array", "an object": for messages.
std::string_view type_words(Type type);

/// Where a value was written: which source (an index the caller chose) and at which byte.
struct Origin {
  std::uint32_t source = 0;
  std::uint32_t offset = 0;
};

class Value;
using Member = std::pair<std::string, Value>;

/// A JSON value, owned. Objects keep the order of their members. Not thread-safe while written.
class Value {
 public:
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;

  Value() = default;  // null
  static Value boolean(bool value);
  /// `literal` must be a JSON number; it is kept to the letter.
  static Value number(std::string literal);
  static Value integer(std::int64_t value);
  static Value string(std::string text);
  static Value array(Array items = {});
  static Value object(std::initializer_list<Member> members = {});

  Type type() const { return static_cast<Type>(state_.index()); }
  bool is_null() const { return type() == Type::Null; }
  bool is_boolean() const { return type() == Type::Boolean; }
  bool is_number() const { return type() == Type::Number; }
  bool is_string() const { return type() == Type::String; }
  bool is_array() const { return type() == Type::Array; }
  bool is_object() const { return type() == Type::Object; }

  bool as_boolean() const { return std::get<1>(state_); }
  /// A string's characters, or a number's literal.
  const std::string& text() const;
  const Array& items() const { return std::get<4>(state_); }
  Array& items() { return std::get<4>(state_); }
  const Object& members() const { return std::get<5>(state_); }
  Object& members() { return std::get<5>(state_); }

  /// The member of that name (the last one written), or nullptr; nullptr for any other type.
  const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  /// Sets or replaces a member; a null value becomes an object first.
  Value& set(std::string name, Value value);
  void push_back(Value value) { items().push_back(std::move(value)); }
  /// The string of a member, or `fallback` when it is missing or no string.
  std::string string_or(std::string_view name, std::string_view fallback = {}) const;

  const Origin& origin() const { return origin_; }
  void set_origin(Origin origin) { origin_ = origin; }

 private:
  struct NumberLiteral {
    std::string literal;
  };
  std::variant<std::monostate, bool, NumberLiteral, std::string, Array, Object> state_;
  Origin origin_;
};

struct ParseOptions {
  bool comments = false;           ///< // and /* */ comments, trailing commas
  bool reject_duplicates = false;  ///< a repeated member name is an error
  std::uint32_t source = 0;        ///< copied into every origin
  int max_depth = 200;
};

/// Parses one document; anything but white space after it is an error, as is malformed UTF-8.
/// The error carries `code`, line and column, and a caret.
Result<Value> parse(std::string_view text, Code code, const ParseOptions& options = {});

/// Compact form. Numbers as they were written, non-ASCII characters as they are.
std::string write(const Value& value);
void write_to(std::string& out, const Value& value);
/// Two spaces a level.
std::string write_pretty(const Value& value);
/// A string as a JSON literal, quotes included.
std::string quote(std::string_view text);
void quote_to(std::string& out, std::string_view text);

/// pointer + "/" + the token, escaped (RFC 6901).
std::string join_pointer(std::string_view pointer, std::string_view token);
std::string join_pointer(std::string_view pointer, std::size_t index);
/// The value that a pointer names, or nullptr.
const Value* at_pointer(const Value& root, std::string_view pointer);

}  // namespace observerd::json
