#include "cache/glob.hpp"

namespace observerd::cache {
namespace {

bool is_harmless(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
         c == '-' || c == '_';
}

void append_character(std::string& out, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  // Within [] a - would be a range.
  if (is_harmless(c) && c != '-') {
    out += c;
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
}

/// Translates what follows a [ at `at` and returns where it goes on.
std::size_t append_class(std::string& out, std::string_view glob, std::size_t at) {
  std::string members;
  const bool is_negated = at < glob.size() && glob[at] == '^';
  if (is_negated) ++at;
  for (; at < glob.size() && glob[at] != ']'; ++at) {
    if (glob[at] == '\\' && at + 1 < glob.size()) ++at;
    append_character(members, glob[at]);
    if (at + 2 < glob.size() && glob[at + 1] == '-' && glob[at + 2] != ']') {
      members += '-';
      append_character(members, glob[at + 2]);
      at += 2;
    }
  }
  if (members.empty()) {
    out += is_negated ? "." : "(?!)";
  } else {
    out += (is_negated ? "[^" : "[") + members + "]";
  }
  return at;
}

}  // namespace

bool has_literal_start(std::string_view glob) {
  if (glob.empty()) return false;
  const char first = glob.front();
  if (first == '\\') return glob.size() > 1;
  return first != '*' && first != '?' && first != '[';
}

std::string escape_glob(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string glob_to_regex(std::string_view glob) {
  std::string regex = "^";
  for (std::size_t at = 0; at < glob.size(); ++at) {
    switch (glob[at]) {
      case '*':
        regex += ".*";
        break;
      case '?':
        regex += '.';
        break;
      case '[':
        at = append_class(regex, glob, at + 1);
        break;
      case '\\':
        if (at + 1 < glob.size()) ++at;
        [[fallthrough]];
      default:
        append_character(regex, glob[at]);
    }
  }
  return regex + "$";
}

}  // namespace observerd::cache
