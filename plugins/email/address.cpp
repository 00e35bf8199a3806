#include "email/address.hpp"

#include <arpa/inet.h>
#include <idn2.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/strings.hpp"
#include "email/mime_text.hpp"

namespace observerd::email {
namespace {

// RFC 5321 section 4.5.3.1.
constexpr std::size_t kMostLocal = 64;
constexpr std::size_t kMostDomain = 255;
constexpr std::size_t kMostName = 998;

Status bad(const char* what) {
  return Status::error(Code::ActionSettings, what);
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

/// atext of RFC 5322 section 3.2.3, with the bytes of other scripts (RFC 6532 section 3.2).
bool is_atext(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~";
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
         (c >= 'a' && c <= 'z') || kMarks.find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_atext(c); });
}

/// What a quoted string holds; the first character is its opening quote. nullopt-like: false when
/// it does not end exactly at the end of the text.
bool unquote(std::string_view text, std::string& out) {
  if (text.size() < 2 || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return false;
    if (text[i] == '\\' && ++i == text.size()) return false;
    out += text[i];
  }
  return true;
}

bool is_address_literal(std::string_view domain) {
  if (domain.size() < 3 || domain.front() != '[' || domain.back() != ']') return false;
  std::string inside(domain.substr(1, domain.size() - 2));
  std::array<unsigned char, 16> bytes;
  if (ascii_lower(inside.substr(0, 5)) == "ipv6:") {
    return inet_pton(AF_INET6, inside.c_str() + 5, bytes.data()) == 1;
  }
  return inet_pton(AF_INET, inside.c_str(), bytes.data()) == 1;
}

bool is_host_name(std::string_view domain) {
  if (domain.empty() || domain.size() > kMostDomain || domain.front() == '.') return false;
  char before = '.';
  std::size_t label = 0;
  for (const char c : domain) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c == '.' ? (label == 0 || before == '-') : !(is_letter || (c == '-' && label > 0)))
      return false;
    label = c == '.' ? 0 : label + 1;
    if (label > 63) return false;
    before = c;
  }
  return before != '.' && before != '-';
}

Result<Mailbox> parse_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return bad("is no address: there is no @ in it");
  Mailbox mailbox;
  const std::string_view local = text.substr(0, at);
  if (local.empty()) return bad("is no address: nothing stands before the @");
  if (local.front() == '"') {
    if (!unquote(local, mailbox.local)) return bad("has a quoted part that does not end at the @");
  } else if (is_dot_atom(local)) {
    mailbox.local = local;
  } else {
    return bad("is not one address: before the @ stands what only quotes would allow");
  }
  // Legal in quotes, and used by nobody but those who hope to be misread.
  if (mailbox.local.find_first_of("<>") != std::string::npos) {
    return bad("is no address: there are angle brackets before the @");
  }
  if (mailbox.local.empty() || mailbox.local.size() > kMostLocal) {
    return bad("has 1 to 64 bytes before the @");
  }
  auto domain = ascii_domain(text.substr(at + 1));
  if (!domain) return domain.status();
  mailbox.domain = *std::move(domain);
  return mailbox;
}

/// The name without the quotes that may be around it, runs of white space as one space.
std::string plain_name(std::string_view text) {
  std::string unquoted;
  if (text.empty() || text.front() != '"' || !unquote(text, unquoted)) unquoted = text;
  std::string name;
  for (const char c : trim(unquoted)) {
    if (c == ' ' && name.ends_with(' ')) continue;
    name += c;
  }
  return name;
}

}  // namespace

std::string Mailbox::address() const {
  return (is_dot_atom(local) ? local : quoted_string(local)) + "@" + domain;
}

bool Mailbox::needs_utf8() const {
  return !is_ascii(local);
}

Result<std::string> ascii_domain(std::string_view domain) {
  if (is_address_literal(domain)) return ascii_lower(domain);
  std::string ascii;
  if (is_ascii(domain)) {
    ascii = ascii_lower(domain);
  } else {
    if (domain.size() > 4 * kMostDomain || domain.find('\0') != std::string_view::npos) {
      return bad("has a domain that is none");
    }
    char* converted = nullptr;
    const std::string text(domain);
    const int code =
        idn2_to_ascii_8z(text.c_str(), &converted,
                         IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
    const std::unique_ptr<char, decltype(&idn2_free)> owner(converted, &idn2_free);
    if (code != IDN2_OK) return bad("has a domain that is no international domain name");
    ascii = ascii_lower(converted);
  }
  if (!is_host_name(ascii)) return bad("has a domain that is none");
  return ascii;
}

Result<Mailbox> parse_mailbox(std::string_view text) {
  if (!is_valid_utf8(text)) return bad("is not UTF-8");
  if (has_control(text)) return bad("holds a line break or another control character");
  text = trim(text);
  if (text.empty()) return bad("is empty");
  if (text.back() != '>') return parse_address(text);
  const std::size_t open = text.rfind('<');
  if (open == std::string_view::npos) return bad("has a > without a <");
  auto mailbox = parse_address(text.substr(open + 1, text.size() - open - 2));
  if (!mailbox) return mailbox;
  mailbox->name = plain_name(trim(text.substr(0, open)));
  if (mailbox->name.size() > kMostName) return bad("has a name of more than 998 bytes");
  return mailbox;
}

}  // namespace observerd::email
