#include "base/strings.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace observerd {
namespace {

/// Insertions, deletions, replacements, and two neighbours that changed places ("ulr") count one.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

}  // namespace

std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string wanted = ascii_lower(word);
  std::size_t best = std::max<std::size_t>(1, (word.size() + 2) / 3) + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, ascii_lower(candidate));
    // Nothing of the word is left: no slip, but another word.
    if (distance >= wanted.size() && wanted != ascii_lower(candidate)) continue;
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string near = nearest_name(word, candidates);
  return near.empty() ? "" : ", did you mean \"" + near + "\"?";
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool ascii_iequals(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty() || &part != parts.data()) out += separator;
    out += part;
  }
  return out;
}

bool is_valid_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<std::uint8_t>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<std::uint8_t>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    const auto second = static_cast<std::uint8_t>(text[i + 1]);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
      return false;
    }
    i += length;
  }
  return true;
}

LineColumn line_column(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  LineColumn place;
  const std::string_view before = text.substr(0, offset);
  place.line += static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  const auto newline = before.rfind('\n');
  place.column =
      static_cast<int>(newline == std::string_view::npos ? offset + 1 : offset - newline);
  return place;
}

std::string caret_snippet(std::string_view text, std::size_t offset) {
  constexpr std::size_t kAround = 60;
  offset = std::min(offset, text.size());
  std::size_t start = 0;
  if (offset > 0) {
    const auto newline = text.rfind('\n', offset - 1);
    if (newline != std::string_view::npos) start = newline + 1;
  }
  std::size_t end = std::min(text.find('\n', offset), text.size());
  if (offset - start > kAround) start = offset - kAround;
  if (end - offset > kAround) end = offset + kAround;
  std::string line(text.substr(start, end - start));
  std::string caret;
  for (std::size_t i = start; i < offset; ++i) {
    // One column a code point, so that the caret stands right under non-ASCII text too.
    if ((static_cast<std::uint8_t>(text[i]) & 0xC0) == 0x80) continue;
    caret += text[i] == '\t' ? '\t' : ' ';
  }
  return line + '\n' + caret + '^';
}

}  // namespace observerd
