#include <cstdint>
#include <cstdio>

#include "base/strings.hpp"
#include "event/path.hpp"

namespace observerd {
namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

class StringScanner {
 public:
  StringScanner(std::string_view text, std::size_t at, Code code)
      : text_(text), start_(at), at_(at), code_(code) {}

  Result<std::string> scan() {
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == quote) {
        ++at_;
        if (at_ >= text_.size() || text_[at_] != quote) return out;
        out += quote;  // doubled: the quote itself
        ++at_;
      } else if (c == '\\') {
        if (!escape(out)) return status_;
      } else {
        out += c;
        ++at_;
      }
    }
    fail(start_, std::string("the string is not closed: no ") + quote + " up to the end");
    return status_;
  }
  std::size_t end() const { return at_; }

 private:
  bool fail(std::size_t offset, std::string message) {
    const LineColumn where = line_column(text_, offset);
    status_ = Status::error(code_, std::move(message))
                  .at({"", where.line, where.column, ""})
                  .note(caret_snippet(text_, offset));
    return false;
  }

  bool escape(std::string& out) {
    const std::size_t backslash = at_++;
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    switch (c) {
      case '\\':
      case '\'':
      case '"':
        out += c;
        break;
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case 'u':
        return unicode(out, backslash);
      default:
        return fail(backslash, "unknown escape: there are \\\\ \\' \\\" \\n \\t \\r \\uXXXX");
    }
    ++at_;
    return true;
  }

  /// Four hexadecimal digits behind the `u` that `at_` stands on.
  bool unit(std::uint32_t& out, std::size_t backslash) {
    out = 0;
    for (int i = 1; i <= 4; ++i) {
      const std::size_t place = at_ + static_cast<std::size_t>(i);
      const char c = place < text_.size() ? text_[place] : '\0';
      const auto digit = std::string_view("0123456789abcdef").find(ascii_lower({&c, 1}));
      if (digit == std::string_view::npos) {
        return fail(backslash, "\\u needs four hexadecimal digits");
      }
      out = out * 16 + static_cast<std::uint32_t>(digit);
    }
    at_ += 5;
    return true;
  }

  bool unicode(std::string& out, std::size_t backslash) {
    std::uint32_t c = 0;
    if (!unit(c, backslash)) return false;
    const bool high = c >= 0xD800 && c <= 0xDBFF;
    if (high && text_.substr(at_, 2) == "\\u") {
      const std::size_t second = at_++;
      std::uint32_t low = 0;
      if (!unit(low, second)) return false;
      if (low >= 0xDC00 && low <= 0xDFFF) {
        append_utf8(out, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
        return true;
      }
    }
    if (c >= 0xD800 && c <= 0xDFFF) {
      return fail(backslash, "half of a surrogate pair is no character");
    }
    append_utf8(out, c);
    return true;
  }

  std::string_view text_;
  std::size_t start_;
  std::size_t at_;
  Code code_;
  Status status_;
};

}  // namespace

Result<std::string> scan_string(std::string_view text, std::size_t& at, Code code) {
  StringScanner scanner(text, at, code);
  auto value = scanner.scan();
  if (value) at = scanner.end();
  return value;
}

std::string quote_string(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\'':
        out += "\\'";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          char escaped[8];
          std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
          out += escaped;
        } else {
          out += c;
        }
    }
  }
  return out + '\'';
}

}  // namespace observerd
