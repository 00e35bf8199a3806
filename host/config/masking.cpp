#include "config/masking.hpp"

#include <algorithm>
#include <initializer_list>

#include "base/strings.hpp"
#include "config/load.hpp"

namespace observerd::config {
namespace {

constexpr std::size_t kShortestSecret = 4;
using Span = std::pair<std::size_t, std::size_t>;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_password_key(std::string_view key) {
  return key == "password" || key == "sslpassword";
}

bool contains_any(std::string_view name, std::initializer_list<std::string_view> parts) {
  const std::string lower = ascii_lower(name);
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

/// password=… in a libpq keyword string: `key = value`, the value perhaps in single quotes with
/// backslash escapes (libpq, "Keyword/Value Connection Strings").
std::vector<Span> keyword_password_spans(std::string_view text) {
  std::vector<Span> spans;
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && is_space(text[at])) ++at;
    const std::size_t key = at;
    while (at < text.size() && text[at] != '=' && !is_space(text[at])) ++at;
    const std::string_view name = text.substr(key, at - key);
    while (at < text.size() && is_space(text[at])) ++at;
    if (at == text.size() || text[at] != '=') continue;
    ++at;
    while (at < text.size() && is_space(text[at])) ++at;
    const std::size_t start = at;
    const bool is_quoted = at < text.size() && text[at] == '\'';
    if (is_quoted) ++at;
    while (at < text.size() && (is_quoted ? text[at] != '\'' : !is_space(text[at]))) {
      at += text[at] == '\\' ? 2 : 1;
    }
    at = std::min(at + (is_quoted ? 1 : 0), text.size());
    if (is_password_key(name) && at > start) spans.emplace_back(start, at);
  }
  return spans;
}

std::string with_masks(std::string text, const std::vector<Span>& spans) {
  for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
    text.replace(span->first, span->second - span->first, kMasked);
  }
  return text;
}

}  // namespace

std::vector<Span> url_password_spans(std::string_view url) {
  std::vector<Span> spans;
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return spans;
  const std::size_t authority = scheme + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", authority), url.size());
  std::size_t at = url.substr(0, end).rfind('@');
  const bool prose = url.find(' ') != std::string_view::npos;
  if (!prose && (at == std::string_view::npos || at < authority)) {
    // A password with a raw "/", "?" or "#": no parser finds its userinfo, but it must not be
    // shown.
    at = url.rfind('@');
  }
  std::size_t query_from = authority;
  if (at != std::string_view::npos && at >= authority) {
    const std::size_t colon = url.find(':', authority);
    if (colon < at && colon + 1 < at) spans.emplace_back(colon + 1, at);
    query_from = at;
  }
  std::size_t parameter = url.find('?', query_from);
  while (parameter != std::string_view::npos && parameter < url.size()) {
    ++parameter;
    const std::size_t next = std::min(url.find_first_of("&#", parameter), url.size());
    const std::size_t equals = url.find('=', parameter);
    if (equals < next && is_password_key(url.substr(parameter, equals - parameter))) {
      spans.emplace_back(equals + 1, next);
    }
    parameter = next;
  }
  return spans;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool header_suggests_credential(std::string_view name) {
  return contains_any(name, {"authorization", "cookie", "token", "secret", "key", "password"});
}

bool setting_suggests_credential(std::string_view name) {
  return contains_any(
      name, {"authorization", "cookie", "token", "secret", "password", "passwd", "passphrase",
             "api_key", "apikey", "private_key", "webhook_url", "credentials"});
}

std::string mask_secrets(std::string text, const std::vector<std::string>& secrets) {
  std::vector<std::string_view> longest_first(secrets.begin(), secrets.end());
  std::sort(longest_first.begin(), longest_first.end(),
            [](std::string_view a, std::string_view b) { return a.size() > b.size(); });
  for (const std::string_view secret : longest_first) {
    if (secret.size() < kShortestSecret) break;
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + kMasked.size())) {
      text.replace(at, secret.size(), kMasked);
    }
  }
  return text;
}

std::string masked_url(const std::string& url) {
  // A keyword string may hold "://" in a value; a URL holds no "=" before it.
  const std::size_t scheme = url.find("://");
  const bool keywords = scheme == std::string::npos || url.find('=') < scheme;
  return with_masks(url, keywords ? keyword_password_spans(url) : url_password_spans(url));
}

}  // namespace observerd::config
