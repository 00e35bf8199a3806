#include "event/row_scanner.hpp"

#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace observerd {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

bool is_digit(char c) {
  return static_cast<unsigned char>(c - '0') < 10;
}

/// The first quote, backslash or control character from `at`; notes bytes above 127 before it. The
/// zeros behind the text stop it.
#if defined(__SSE2__)
const char* plain_end(const char* at, unsigned& high) {
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1f);
  while (true) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i special =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
                     _mm_cmpeq_epi8(_mm_min_epu8(block, control), block));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(special));
    const auto signs = static_cast<unsigned>(_mm_movemask_epi8(block));
    if (found != 0) {
      high |= signs & (found - 1) & ~found;
      return at + __builtin_ctz(found);
    }
    high |= signs;
    at += sizeof block;
  }
}
#else
const char* plain_end(const char* at, unsigned& high) {
  for (; *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) > 0x1f; ++at) {
    high |= static_cast<unsigned char>(*at) & 0x80U;
  }
  return at;
}
#endif

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The code unit of four hex digits, or -1.
int code_unit(const char* at) {
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(at[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

bool is_high_surrogate(int unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}

bool is_low_surrogate(int unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

class Scanner {
 public:
  Scanner(std::string_view text, int max_depth, std::vector<RowNode>& nodes)
      : base_(text.data()),
        end_(text.data() + text.size()),
        at_(base_),
        depth_left_(max_depth),
        nodes_(nodes) {
    // Of usual rows: what saves growing without reserving much too much.
    constexpr std::size_t kBytesPerNode = 16;
    nodes_.resize(text.size() / kBytesPerNode + 2);
  }

  bool scan(bool& non_ascii) {
    skip_space();
    if (!value(RowNode())) return false;
    nodes_.resize(next_);
    skip_space();
    non_ascii = high_ != 0;
    // A zero inside the text ends what is read too, but not the text.
    return at_ == end_;
  }

 private:
  std::uint32_t offset(const char* at) const { return static_cast<std::uint32_t>(at - base_); }
  void skip_space() {
    while (is_space(*at_)) ++at_;
  }

  /// Takes the string that starts here. Its place is what lies between the quotes.
  bool string(std::uint32_t& start, std::uint32_t& size, bool& escaped) {
    const char* const first = ++at_;
    while (true) {
      at_ = plain_end(at_, high_);
      if (*at_ == '"') break;
      if (*at_ != '\\' || !escape()) return false;
      escaped = true;
    }
    start = offset(first);
    size = static_cast<std::uint32_t>(at_ - first);
    ++at_;
    return true;
  }

  bool escape() {
    const char c = at_[1];
    at_ += 2;
    if (c != 'u') return c != '\0' && std::strchr("\"\\/bfnrt", c) != nullptr;
    const int unit = code_unit(at_);
    if (unit < 0) return false;
    at_ += 4;
    if (!is_high_surrogate(unit)) return !is_low_surrogate(unit);
    if (at_[0] != '\\' || at_[1] != 'u' || !is_low_surrogate(code_unit(at_ + 2))) return false;
    at_ += 6;
    return true;
  }

  bool digits() {
    const char* const first = at_;
    while (is_digit(*at_)) ++at_;
    return at_ != first;
  }

  bool number() {
    if (*at_ == '-') ++at_;
    if (*at_ == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (*at_ == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (*at_ == 'e' || *at_ == 'E') {
      ++at_;
      if (*at_ == '+' || *at_ == '-') ++at_;
      if (!digits()) return false;
    }
    return true;
  }

  bool word(const char* text, std::size_t size) {
    if (std::memcmp(at_, text, size) != 0) return false;
    at_ += size;
    return true;
  }

  /// Takes a value; `key` is filled when it is a member's.
  bool value(const RowNode& key) {
    if (next_ == nodes_.size()) nodes_.resize(next_ * 2);
    const std::size_t index = next_++;
    nodes_[index] = key;
    const char* const first = at_;
    if (*at_ == '"') {
      RowNode& node = nodes_[index];
      node.type = json::Type::String;
      node.end = static_cast<std::uint32_t>(next_);
      return string(node.value, node.value_size, node.value_escaped);
    }
    bool valid = false;
    json::Type type = json::Type::Null;
    switch (*at_) {
      case '{':
        type = json::Type::Object;
        valid = container('}', [this] { return member(); });
        break;
      case '[':
        type = json::Type::Array;
        valid = container(']', [this] { return value(RowNode()); });
        break;
      case 't':
        type = json::Type::Boolean;
        valid = word("true", 4);
        break;
      case 'f':
        type = json::Type::Boolean;
        valid = word("false", 5);
        break;
      case 'n':
        valid = word("null", 4);
        break;
      default:
        type = json::Type::Number;
        valid = number();
        break;
    }
    RowNode& node = nodes_[index];
    node.type = type;
    node.value = offset(first);
    node.value_size = static_cast<std::uint32_t>(at_ - first);
    node.end = static_cast<std::uint32_t>(next_);
    return valid;
  }

  template <typename Element>
  bool container(char close, Element element) {
    if (--depth_left_ < 0) return false;
    ++at_;
    skip_space();
    if (*at_ != close) {
      while (true) {
        if (!element()) return false;
        skip_space();
        if (*at_ != ',') break;
        ++at_;
        skip_space();
      }
      if (*at_ != close) return false;
    }
    ++at_;
    ++depth_left_;
    return true;
  }

  bool member() {
    RowNode node;
    if (*at_ != '"' || !string(node.key, node.key_size, node.key_escaped)) return false;
    skip_space();
    if (*at_ != ':') return false;
    ++at_;
    skip_space();
    return value(node);
  }

  const char* const base_;
  const char* const end_;
  const char* at_;
  int depth_left_;
  unsigned high_ = 0;
  std::vector<RowNode>& nodes_;
  std::size_t next_ = 0;  ///< nodes that are used; the vector is longer while reading
};

void append_utf8(std::string& out, int code_point) {
  const auto add = [&](int byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) return add(code_point);
  if (code_point < 0x800) {
    add(0xC0 | (code_point >> 6));
  } else {
    if (code_point < 0x10000) {
      add(0xE0 | (code_point >> 12));
    } else {
      add(0xF0 | (code_point >> 18));
      add(0x80 | ((code_point >> 12) & 0x3F));
    }
    add(0x80 | ((code_point >> 6) & 0x3F));
  }
  add(0x80 | (code_point & 0x3F));
}

}  // namespace

bool scan_row(std::string_view text, int max_depth, std::vector<RowNode>& nodes, bool& non_ascii) {
  return Scanner(text, max_depth, nodes).scan(non_ascii);
}

std::string unescape_json(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      out += raw[i];
      continue;
    }
    switch (raw[++i]) {
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'u': {
        int code_point = code_unit(raw.data() + i + 1);
        i += 4;
        if (is_high_surrogate(code_point)) {
          code_point =
              0x10000 + ((code_point - 0xD800) << 10) + (code_unit(raw.data() + i + 3) - 0xDC00);
          i += 6;
        }
        append_utf8(out, code_point);
        break;
      }
      default:
        out += raw[i];
        break;
    }
  }
  return out;
}

}  // namespace observerd
