#include "sms/message.hpp"

#include <algorithm>
#include <string_view>

namespace observerd::sms {
namespace {

/// The next code point of well-formed UTF-8; advances `text`.
char32_t take(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t code = length == 1 ? lead : lead & (0x7FU >> length);
  for (std::size_t i = 1; i < std::min(length, text.size()); ++i) {
    code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  text.remove_prefix(std::min(length, text.size()));
  return code;
}

/// The GSM 7-bit default alphabet (3GPP TS 23.038, 6.2.1) beside ASCII letters and digits.
constexpr std::u32string_view kBasic =
    U"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Those that take an escape before them (6.2.1.1).
constexpr std::u32string_view kExtended = U"\f^{}\\[~]|€";

/// Septets of a character; 0 when the alphabet has it not.
int septets(char32_t code) {
  const bool is_plain = (code >= U'a' && code <= U'z') || (code >= U'A' && code <= U'Z') ||
                        (code >= U'0' && code <= U'9');
  if (is_plain || kBasic.find(code) != std::u32string_view::npos) return 1;
  return kExtended.find(code) != std::u32string_view::npos ? 2 : 0;
}

constexpr int kSeptetsAlone = 160, kSeptetsEach = 153;
constexpr int kUnitsAlone = 70, kUnitsEach = 67;

int split(int units, int alone, int each) {
  return units <= alone ? 1 : (units + each - 1) / each;
}

}  // namespace

bool is_e164(std::string_view number) {
  if (number.size() < 3 || number.size() > 16 || number[0] != '+' || number[1] == '0') return false;
  return std::all_of(number.begin() + 1, number.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Segments count_segments(std::string_view utf8) {
  int all_septets = 0;
  int all_units = 0;
  bool is_unicode = false;
  while (!utf8.empty()) {
    const char32_t code = take(utf8);
    const int each = septets(code);
    is_unicode = is_unicode || each == 0;
    all_septets += each;
    all_units += code > 0xFFFF ? 2 : 1;
  }
  return {is_unicode, is_unicode ? split(all_units, kUnitsAlone, kUnitsEach)
                                 : split(all_septets, kSeptetsAlone, kSeptetsEach)};
}

}  // namespace observerd::sms
