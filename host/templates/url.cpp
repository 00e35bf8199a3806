#include "templates/url.hpp"

#include <algorithm>

#include "base/strings.hpp"

namespace observerd::templates {
namespace {

constexpr std::string_view kUnreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

bool is_forbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7F || std::string_view("\"<>\\").find(c) < 4;
}

/// A literal %2E is as good as a dot to those who resolve the URL (RFC 3986 section 6.2.2.2).
bool is_dots(std::string_view segment) {
  std::size_t dots = 0;
  while (!segment.empty() && dots < 3) {
    const std::size_t length = segment[0] == '.'                            ? 1
                               : ascii_iequals(segment.substr(0, 3), "%2e") ? 3
                                                                            : 0;
    if (length == 0) return false;
    segment.remove_prefix(length);
    ++dots;
  }
  return dots == 1 || dots == 2;
}

}  // namespace

std::string UrlOrigin::to_string() const {
  return scheme + "://" + host + ":" + std::to_string(port);
}

std::optional<UrlOrigin> read_origin(std::string_view url) {
  UrlOrigin out;
  for (const std::string_view scheme : {"http", "https"}) {
    const std::size_t length = scheme.size();
    if (ascii_iequals(url.substr(0, length), scheme) && url.substr(length, 3) == "://") {
      out.scheme = scheme;
    }
  }
  if (out.scheme.empty()) return std::nullopt;
  const std::size_t start = out.scheme.size() + 3;
  out.end = std::min(url.find_first_of("/?#\\", start), url.size());
  std::string_view authority = url.substr(start, out.end - start);
  // What stands before the last "@" are credentials, whatever they look like.
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  out.host = ascii_lower(authority.substr(0, colon));
  if (out.host.empty()) return std::nullopt;
  out.port = out.scheme == "https" ? 443 : 80;
  if (colon == std::string_view::npos || colon + 1 == authority.size()) return out;
  const std::string_view port = authority.substr(colon + 1);
  if (port.size() > 5 || port.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  out.port = std::stoi(std::string(port));
  if (out.port < 1 || out.port > 65535) return std::nullopt;
  return out;
}

void percent_encode(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 0xF];
    }
  }
}

Status check_absolute_url(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_forbidden)) {
    return Status::error(Code::Template,
                         "a value that starts a URL holds a character that a URL cannot have");
  }
  if (!read_origin(text)) {
    return Status::error(Code::Template,
                         "a value that starts a URL must be an absolute http or https URL");
  }
  return {};
}

bool makes_dot_segment(std::string_view url, const std::vector<ByteRange>& values) {
  if (values.empty()) return false;
  const auto origin = read_origin(url);
  const std::size_t path = origin ? origin->end : 0;
  const std::size_t path_end = std::min(url.find_first_of("?#", path), url.size());
  auto value = values.begin();
  for (std::size_t start = path; start <= path_end;) {
    const std::size_t stop = std::min(url.find('/', start), path_end);
    while (value != values.end() && value->end < start) ++value;
    if (value == values.end()) return false;
    if (value->begin <= stop && is_dots(url.substr(start, stop - start))) return true;
    start = stop + 1;
  }
  return false;
}

}  // namespace observerd::templates
