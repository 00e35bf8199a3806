#include "plugin/text.hpp"

#include <algorithm>

#include "base/strings.hpp"

namespace observerd::plugin {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// How many bytes a character has whose first byte is `lead`; 1 for what leads nothing.
std::size_t sequence_length(unsigned char lead) {
  if (lead >= 0xF0) return 4;
  if (lead >= 0xE0) return 3;
  return lead >= 0xC0 ? 2 : 1;
}

}  // namespace

std::string clean_text(observerd_str text, std::size_t max_bytes) {
  if (text.data == nullptr) return {};
  // Never look at more than could be kept: the length may be wrong.
  const std::string_view bytes(
      text.data, static_cast<std::size_t>(std::min<std::uint64_t>(text.len, max_bytes + 4)));
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    std::string_view next =
        bytes.substr(at, sequence_length(static_cast<unsigned char>(bytes[at])));
    at += next.size();
    if (next == std::string_view("\0", 1) || !is_valid_utf8(next)) {
      at -= next.size() - 1;  // resume right after the bad byte
      next = replacement;
    }
    if (out.size() + next.size() > max_bytes) break;
    out += next;
  }
  return out;
}

}  // namespace observerd::plugin
