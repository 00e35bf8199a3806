#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <locale>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The values of json.hpp.
namespace observerd::sdk {

namespace detail {
class JsonParser;
}

/// A JSON value, owned. Objects keep the order of their members, numbers every digit. Reading is
/// thread-safe.
class Json {
 public:
  /// The kinds of value.
  enum class Type : unsigned char { Null, Boolean, Number, String, Array, Object };
  /// Name and value.
  using Member = std::pair<std::string, Json>;

  Json() = default;  ///< null
  /// RFC 8259, nested at most 200 levels. nullopt when malformed; `problem`, where given, then says
  /// what is wrong and at which byte, without quoting the text. UTF-8 is not checked: the host has.
  static std::optional<Json> parse(std::string_view text, std::string* problem = nullptr);

  /// Which kind of value it is.
  Type type() const { return type_; }
  bool is_null() const { return type_ == Type::Null; }      ///< whether it is null
  bool is_string() const { return type_ == Type::String; }  ///< whether it is a string
  bool is_array() const { return type_ == Type::Array; }    ///< whether it is an array
  bool is_object() const { return type_ == Type::Object; }  ///< whether it is an object

  /// nullopt when it is no boolean.
  std::optional<bool> boolean() const {
    return type_ == Type::Boolean ? std::optional<bool>(true_) : std::nullopt;
  }
  /// A string's characters or a number as it was written; "" for everything else.
  const std::string& text() const { return text_; }
  /// nullopt when it is no whole number that fits; 2.0 and 2e3 are whole.
  std::optional<std::int64_t> integer() const;
  /// The nearest double; nullopt when it is no number or beyond the range.
  std::optional<double> number() const;
  const std::vector<Json>& items() const { return items_; }        ///< empty when no array
  const std::vector<Member>& members() const { return members_; }  ///< empty when no object
  /// The member of that name, or nullptr; the last one, where there are several.
  const Json* find(std::string_view name) const {
    for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
      if (member->first == name) return &member->second;
    }
    return nullptr;
  }
  /// The characters of a member that is a string; else the fallback.
  std::string string_or(std::string_view name, std::string_view fallback) const {
    const Json* value = find(name);
    return value != nullptr && value->is_string() ? value->text_ : std::string(fallback);
  }

 private:
  friend class detail::JsonParser;
  Type type_ = Type::Null;
  bool true_ = false;
  std::string text_;
  std::vector<Json> items_;
  std::vector<Member> members_;
};

/// A JSON string with these characters, quotes included.
inline std::string json_quoted(std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

inline std::optional<double> Json::number() const {
  if (type_ != Type::Number) return std::nullopt;
  std::istringstream stream(text_);
  stream.imbue(std::locale::classic());  // the process may have another decimal point
  double value = 0;
  if (!(stream >> value)) return std::nullopt;
  return value;
}

inline std::optional<std::int64_t> Json::integer() const {
  if (type_ != Type::Number) return std::nullopt;
  std::int64_t value = 0;
  const char* const end = text_.data() + text_.size();
  const auto [rest, error] = std::from_chars(text_.data(), end, value);
  if (error == std::errc() && rest == end) return value;
  const std::optional<double> real = number();
  constexpr double exact = 9007199254740992.0;  // 2^53: up to here each double is one integer
  if (!real || *real != std::floor(*real) || std::abs(*real) > exact) return std::nullopt;
  return static_cast<std::int64_t>(*real);
}

}  // namespace observerd::sdk
