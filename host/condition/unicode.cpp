#include "condition/unicode.hpp"

#include <algorithm>
#include <cstdint>

namespace observerd::condition {
namespace {

/// How the letters of a range pair up.
enum class Pairing : std::uint8_t {
  Shift,      ///< upper case from..to, lower case `delta` further
  EvenUpper,  ///< neighbours, the even one in upper case
  OddUpper    ///< neighbours, the odd one in upper case
};

struct CaseRange {
  char32_t from;
  char32_t to;
  Pairing pairing;
  std::int32_t delta;
};

// From UnicodeData.txt (simple mappings). By hand: towlower() follows the locale of the process,
// which a daemon does not control, and whole tables are not worth a dependency.
constexpr CaseRange kRanges[] = {
    {'A', 'Z', Pairing::Shift, 32},          {0xC0, 0xD6, Pairing::Shift, 32},
    {0xD8, 0xDE, Pairing::Shift, 32},        {0x100, 0x12F, Pairing::EvenUpper, 1},
    {0x132, 0x137, Pairing::EvenUpper, 1},   {0x139, 0x148, Pairing::OddUpper, 1},
    {0x14A, 0x177, Pairing::EvenUpper, 1},   {0x178, 0x178, Pairing::Shift, -121},
    {0x179, 0x17E, Pairing::OddUpper, 1},    {0x1CD, 0x1DC, Pairing::OddUpper, 1},
    {0x1DE, 0x1EF, Pairing::EvenUpper, 1},   {0x1F8, 0x21F, Pairing::EvenUpper, 1},
    {0x222, 0x233, Pairing::EvenUpper, 1},   {0x386, 0x386, Pairing::Shift, 38},
    {0x388, 0x38A, Pairing::Shift, 37},      {0x38C, 0x38C, Pairing::Shift, 64},
    {0x38E, 0x38F, Pairing::Shift, 63},      {0x391, 0x3A1, Pairing::Shift, 32},
    {0x3A3, 0x3AB, Pairing::Shift, 32},      {0x400, 0x40F, Pairing::Shift, 80},
    {0x410, 0x42F, Pairing::Shift, 32},      {0x460, 0x481, Pairing::EvenUpper, 1},
    {0x48A, 0x4BF, Pairing::EvenUpper, 1},   {0x4C0, 0x4C0, Pairing::Shift, 15},
    {0x4C1, 0x4CE, Pairing::OddUpper, 1},    {0x4D0, 0x52F, Pairing::EvenUpper, 1},
    {0x531, 0x556, Pairing::Shift, 48},      {0x1E00, 0x1E95, Pairing::EvenUpper, 1},
    {0x1EA0, 0x1EFF, Pairing::EvenUpper, 1}, {0xFF21, 0xFF3A, Pairing::Shift, 32},
};

char32_t shifted(char32_t c, std::int32_t delta) {
  return static_cast<char32_t>(static_cast<std::int32_t>(c) + delta);
}

char32_t lower(char32_t c) {
  if (c == 0x130) return 'i';    // İ
  if (c == 0x1E9E) return 0xDF;  // ẞ
  for (const CaseRange& range : kRanges) {
    if (c < range.from || c > range.to) continue;
    if (range.pairing == Pairing::Shift) return shifted(c, range.delta);
    const bool upper = (c % 2 == 1) == (range.pairing == Pairing::OddUpper);
    return upper ? c + 1 : c;
  }
  return c;
}

char32_t upper(char32_t c) {
  if (c == 0x131) return 'I';      // ı
  if (c == 0x17F) return 'S';      // ſ
  if (c == 0x3C2) return 0x3A3;    // ς
  if (c == 0x1E9B) return 0x1E60;  // ẛ
  for (const CaseRange& range : kRanges) {
    if (range.pairing == Pairing::Shift) {
      if (c >= shifted(range.from, range.delta) && c <= shifted(range.to, range.delta)) {
        return shifted(c, -range.delta);
      }
    } else if (c >= range.from && c <= range.to) {
      const bool is_upper = (c % 2 == 1) == (range.pairing == Pairing::OddUpper);
      return is_upper ? c : c - 1;
    }
  }
  return c;
}

/// Two bytes and three hold every letter that has a case here.
char32_t decode(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() == 1) return byte(0);
  if (bytes.size() == 2) return static_cast<char32_t>((byte(0) & 0x1F) << 6 | (byte(1) & 0x3F));
  return static_cast<char32_t>((byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F));
}

void encode(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

template <typename Mapping>
std::string mapped(std::string_view text, Mapping mapping) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = next_code_point(text, at);
    const std::string_view bytes = text.substr(at, end - at);
    at = end;
    const char32_t before = bytes.size() <= 3 ? decode(bytes) : 0;
    const char32_t after = mapping(before);
    if (after == before) {
      out += bytes;
    } else {
      encode(out, after);
    }
  }
  return out;
}

}  // namespace

std::size_t next_code_point(std::string_view text, std::size_t at) {
  do {
    ++at;
  } while (at < text.size() && is_continuation_byte(text[at]));
  return at;
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation_byte(c); }));
}

std::string to_lower(std::string_view text) {
  return mapped(text, lower);
}

std::string to_upper(std::string_view text) {
  return mapped(text, upper);
}

}  // namespace observerd::condition
