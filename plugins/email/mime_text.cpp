#include "email/mime_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/strings.hpp"
#include "common/base64.hpp"

namespace observerd::email {
namespace {

constexpr std::size_t kLine = 76;
constexpr std::size_t kLongestLine = 998;
constexpr std::string_view kHex = "0123456789ABCDEF";

bool is_ascii_byte(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0u) == 0x80u;
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string hex(char mark, char c) {
  const auto byte = static_cast<unsigned char>(c);
  return {mark, kHex[byte >> 4], kHex[byte & 15]};
}

/// Encoded words (RFC 2047 section 2), each of at most 75 characters and of whole characters.
std::vector<std::string> encoded_words(std::string_view text) {
  constexpr std::size_t kBytes = 45;  // 60 in base64, and 12 around them
  std::vector<std::string> words;
  while (!text.empty()) {
    std::size_t size = std::min(kBytes, text.size());
    while (size < text.size() && size > 1 && is_continuation(text[size])) --size;
    words.push_back("=?utf-8?B?" + common::base64_encode(text.substr(0, size)) + "?=");
    text.remove_prefix(size);
  }
  return words;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool has_long_word(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word.size() > kLongestLine - 100; });
}

/// RFC 2045 section 6.7, of text whose line ends are CRLF.
std::string quoted_printable(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r') {  // always the first half of CRLF
      out += "\r\n";
      column = 0;
      ++i;
      continue;
    }
    const bool is_last = i + 1 == text.size() || text[i + 1] == '\r';
    const bool is_space = c == ' ' || c == '\t';
    const bool is_plain = (c > ' ' && c <= '~' && c != '=') || (is_space && !is_last);
    // A dot or "From " at the start of a line is hidden from careless relays.
    const bool is_risky = column == 0 && (c == '.' || c == 'F');
    const std::string unit = is_plain && !is_risky ? std::string(1, c) : hex('=', c);
    if (column + unit.size() > kLine - 1) {
      out += "=\r\n";
      column = 0;
    }
    out += unit;
    column += unit.size();
  }
  return out;
}

/// Whether a text with CRLF line ends may go as it is.
bool is_plain_text(std::string_view text) {
  std::size_t column = 0;
  for (const char c : text) {
    if (c == '\n') {
      column = 0;
      continue;
    }
    const bool is_allowed = (c >= ' ' && c <= '~') || c == '\t' || c == '\r';
    if (!is_allowed || ++column > kLongestLine) return false;
  }
  return true;
}

}  // namespace

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_ascii_byte);
}

std::string quoted_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    if (c == '\r' || c == '\n') {
      out += "\r\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte != 0x7f) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string phrase(std::string_view text, bool utf8_headers) {
  const bool is_hidden_word = text.find("=?") != std::string_view::npos;
  const bool is_long = text.size() > kLine - 10;  // encoded words can be folded
  if ((!is_ascii(text) && !utf8_headers) || is_hidden_word || is_long) {
    return join(encoded_words(text), "\r\n ");
  }
  const bool is_atoms = std::all_of(text.begin(), text.end(), [](char c) {
    return is_alphanumeric(c) || c == ' ' || c == '-' || c == '_' || !is_ascii_byte(c);
  });
  return is_atoms ? std::string(text) : quoted_string(text);
}

std::string text_header(std::string_view name, std::string_view value, bool utf8_headers) {
  const std::string line = one_line(value);
  std::vector<std::string> words = words_of(line);
  const bool is_kept = is_ascii(line) || utf8_headers;
  if (!is_kept || line.find("=?") != std::string::npos || has_long_word(words)) {
    words = encoded_words(line);
  }
  std::string out = std::string(name) + ":";
  std::size_t column = out.size();
  for (const std::string& word : words) {
    // Never a fold before the first word: a line of nothing but white space might remain.
    if (column + 1 + word.size() > kLine + 2 && column > name.size() + 1) {
      out += "\r\n";
      column = 0;
    }
    out += " " + word;
    column += 1 + word.size();
  }
  return out + "\r\n";
}

std::string parameter(std::string_view name, std::string_view value) {
  constexpr std::size_t kShort = 60;
  if (is_ascii(value) && value.size() <= kShort) {
    return ";\r\n " + std::string(name) + "=" + quoted_string(value);
  }
  std::string encoded;
  std::vector<std::string> pieces;
  for (const char c : value) {
    encoded +=
        is_alphanumeric(c) || c == '.' || c == '-' || c == '_' ? std::string(1, c) : hex('%', c);
    if (encoded.size() >= kShort) pieces.push_back(std::exchange(encoded, ""));
  }
  if (!encoded.empty()) pieces.push_back(encoded);
  std::string out;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    out += ";\r\n " + std::string(name) + "*" + (pieces.size() > 1 ? std::to_string(i) + "*" : "") +
           "=" + (i == 0 ? "utf-8''" : "") + pieces[i];
  }
  return out;
}

std::string base64_lines(std::string_view bytes) {
  std::string out;
  constexpr std::size_t kBytes = kLine / 4 * 3;
  while (!bytes.empty()) {
    out += common::base64_encode(bytes.substr(0, kBytes)) + "\r\n";
    bytes.remove_prefix(std::min(kBytes, bytes.size()));
  }
  return out;
}

EncodedText encode_text(std::string_view text) {
  std::string body = with_crlf(text);
  if (!body.ends_with("\r\n")) body += "\r\n";
  if (is_plain_text(body)) return {"7bit", std::move(body)};
  const auto plain =
      static_cast<std::size_t>(std::count_if(body.begin(), body.end(), is_ascii_byte));
  if (plain < body.size() / 3 * 2) return {"base64", base64_lines(body)};
  return {"quoted-printable", quoted_printable(body)};
}

}  // namespace observerd::email
