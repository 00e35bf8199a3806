#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "observerd/sdk/json_value.hpp"

/// How json.hpp reads; nothing here is for authors.
namespace observerd::sdk {

namespace detail {

/// Recursive descent over one text. Every function returns false once something is wrong; the first
/// problem stays.
class JsonParser {
 public:
  explicit JsonParser(std::string_view text) : text_(text) {}

  bool document(Json& out) {
    if (!value(out, 0)) return false;
    skip_space();
    return at_ == text_.size() || fail("more text after the value");
  }
  std::string problem() const { return problem_ + " at byte " + std::to_string(at_); }

 private:
  static constexpr int most_levels = 200;  // as the host: a bound for the stack

  bool fail(const char* what) {
    problem_ = what;
    return false;
  }
  bool done() const { return at_ == text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  void skip_space() {
    while (!done() && std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool eat(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return fail("not a JSON value");
    at_ += expected.size();
    return true;
  }

  bool value(Json& out, int level) {
    if (level > most_levels) return fail("nested too deeply");
    skip_space();
    switch (peek()) {
      case '{':
        return object(out, level);
      case '[':
        return array(out, level);
      case '"':
        out.type_ = Json::Type::String;
        return string(out.text_);
      case 't':
      case 'f':
        out.type_ = Json::Type::Boolean;
        out.true_ = peek() == 't';
        return word(out.true_ ? "true" : "false");
      case 'n':
        return word("null");
      default:
        return number(out);
    }
  }

  bool object(Json& out, int level) {
    out.type_ = Json::Type::Object;
    ++at_;
    skip_space();
    if (eat('}')) return true;
    do {
      skip_space();
      Json::Member& member = out.members_.emplace_back();
      if (peek() != '"') return fail("no member name");
      if (!string(member.first)) return false;
      skip_space();
      if (!eat(':')) return fail("no colon after a member name");
      if (!value(member.second, level + 1)) return false;
      skip_space();
    } while (eat(','));
    return eat('}') || fail("an object does not end");
  }

  bool array(Json& out, int level) {
    out.type_ = Json::Type::Array;
    ++at_;
    skip_space();
    if (eat(']')) return true;
    do {
      if (!value(out.items_.emplace_back(), level + 1)) return false;
      skip_space();
    } while (eat(','));
    return eat(']') || fail("an array does not end");
  }

  bool digits() {
    const std::size_t begin = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > begin || fail("not a JSON value");
  }
  bool number(Json& out) {
    const std::size_t begin = at_;
    eat('-');
    if (!eat('0') && !digits()) return false;
    if (eat('.') && !digits()) return false;
    if (eat('e') || eat('E')) {
      if (!eat('+')) eat('-');
      if (!digits()) return false;
    }
    out.type_ = Json::Type::Number;
    out.text_ = text_.substr(begin, at_ - begin);
    return true;
  }

  bool string(std::string& out) {
    ++at_;
    while (!done()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return fail("a control character in a string");
      if (c != '\\') {
        out += c;
      } else if (!escape(out)) {
        return false;
      }
    }
    return fail("a string does not end");
  }

  bool escape(std::string& out) {
    static constexpr std::string_view from = "\"\\/bfnrt";
    static constexpr std::string_view to = "\"\\/\b\f\n\r\t";
    if (done()) return fail("a string does not end");
    const char c = text_[at_++];
    if (c == 'u') return unicode(out);
    const std::size_t known = from.find(c);
    if (known == std::string_view::npos) return fail("an unknown escape");
    out += to[known];
    return true;
  }

  bool unicode(std::string& out) {
    std::uint32_t code = 0;
    if (!hex4(code)) return false;
    if (code >= 0xDC00 && code < 0xE000) return fail("half a surrogate pair");
    if (code >= 0xD800 && code < 0xDC00) {
      std::uint32_t low = 0;
      if (!eat('\\') || !eat('u')) return fail("half a surrogate pair");
      if (!hex4(low)) return false;
      if (low < 0xDC00 || low >= 0xE000) return fail("half a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, code);
    return true;
  }
  bool hex4(std::uint32_t& code) {
    for (int i = 0; i < 4; ++i) {
      const char c = peek();
      const auto lower = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9') {
        code = code * 16 + static_cast<std::uint32_t>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        code = code * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
      } else {
        return fail("not four hexadecimal digits after \\u");
      }
      ++at_;
    }
    return true;
  }
  static void append_utf8(std::string& out, std::uint32_t code) {
    const auto tail = [&](unsigned shift) {
      out += static_cast<char>(0x80 | ((code >> shift) & 0x3F));
    };
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xC0 | (code >> 6));
      tail(0);
    } else if (code < 0x10000) {
      out += static_cast<char>(0xE0 | (code >> 12));
      tail(6), tail(0);
    } else {
      out += static_cast<char>(0xF0 | (code >> 18));
      tail(12), tail(6), tail(0);
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string problem_;
};

}  // namespace detail

inline std::optional<Json> Json::parse(std::string_view text, std::string* problem) {
  detail::JsonParser parser(text);
  Json value;
  if (parser.document(value)) return value;
  if (problem != nullptr) *problem = parser.problem();
  return std::nullopt;
}

}  // namespace observerd::sdk
