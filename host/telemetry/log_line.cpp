#include "telemetry/log_line.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "base/strings.hpp"

namespace observerd::telemetry {
namespace {

/// The length of the well-formed UTF-8 sequence at the front and its code point; 0 when malformed.
std::size_t decode(std::string_view text, std::uint32_t& code_point) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length > text.size() || !is_valid_utf8(text.substr(0, length))) return 0;
  code_point = length == 1 ? first : first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    code_point = (code_point << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  return length;
}

/// Controls (C0, DEL, C1), line and paragraph separators, and the characters that turn the
/// direction of text (UAX #9): all that could make a line look like something else.
bool deceives(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029 || c == 0x200E ||
         c == 0x200F || c == 0x061C || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

void append_escape(std::string& out, std::uint32_t c) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  char text[8];
  std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(c));
  out += text;
}

void append_clean(std::string& out, std::string_view text, bool quoted) {
  const std::size_t more = text.size() - std::min(text.size(), kMaxLogTextBytes);
  text = text.substr(0, kMaxLogTextBytes);
  while (!text.empty()) {
    std::uint32_t c = 0;
    const std::size_t length = decode(text, c);
    if (length == 0) {
      out += "\\ufffd";
    } else if (deceives(c)) {
      append_escape(out, c);
    } else {
      if (quoted && (c == '"' || c == '\\')) out += '\\';
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  if (more > 0) out += "… (" + std::to_string(more) + " bytes more)";
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_clean(out, text, true);
  out += '"';
}

bool word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

/// Values that a person can read unquoted stay so.
void append_value(std::string& out, std::string_view value) {
  const bool plain =
      !value.empty() && value.size() <= kMaxLogTextBytes &&
      std::all_of(value.begin(), value.end(), [](char c) {
        return word_character(c) || c == ':' || c == '/' || c == '@' || c == '+' || c == ',';
      });
  if (plain) {
    out += value;
  } else {
    append_quoted(out, value);
  }
}

/// Keys come from plugins too.
std::string clean_key(std::string_view key) {
  std::string out(key.empty() ? "_" : key.substr(0, 64));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return !word_character(c); }, '_');
  return out;
}

std::vector<std::string> unique_keys(const std::vector<LogField>& fields) {
  std::vector<std::string> taken{"time", "level", "message"};
  const std::size_t reserved = taken.size();
  for (const LogField& field : fields) {
    std::string key = clean_key(field.first);
    while (std::find(taken.begin(), taken.end(), key) != taken.end()) key += '_';
    taken.push_back(std::move(key));
  }
  taken.erase(taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(reserved));
  return taken;
}

}  // namespace

std::string text_line(std::string_view message, const std::vector<LogField>& fields) {
  std::string line;
  append_clean(line, message, false);
  for (const LogField& field : fields) {
    line += ' ' + clean_key(field.first) + '=';
    append_value(line, field.second);
  }
  return line;
}

std::string json_members(std::string_view message, const std::vector<LogField>& fields) {
  const std::vector<std::string> keys = unique_keys(fields);
  std::string line = "\"message\":";
  append_quoted(line, message);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    line += ",\"" + keys[i] + "\":";
    append_quoted(line, fields[i].second);
  }
  return line;
}

}  // namespace observerd::telemetry
