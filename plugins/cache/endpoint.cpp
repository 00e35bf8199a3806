#include "cache/endpoint.hpp"

#include <algorithm>
#include <charconv>

namespace observerd::cache {
namespace {

/// 0 when it is none.
int parse_port(std::string_view digits) {
  int port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || at != end || port < 1 || port > 65'535) return 0;
  return port;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == ':' || c == '%';
}

}  // namespace

std::string Endpoint::text() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 255 &&
         std::all_of(text.begin(), text.end(), is_host_character);
}

std::optional<Endpoint> parse_endpoint(std::string_view text, int default_port) {
  std::string_view host = text;
  int port = default_port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty()) port = rest.front() == ':' ? parse_port(rest.substr(1)) : 0;
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    port = parse_port(text.substr(colon + 1));
  }
  if (!is_host(host) || port == 0) return std::nullopt;
  return Endpoint{std::string(host), port};
}

}  // namespace observerd::cache
