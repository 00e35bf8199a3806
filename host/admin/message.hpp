#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.hpp"

/// HTTP as far as the admin server speaks it, without any socket (RFC 9110).
namespace observerd::admin {

struct HttpRequest {
  std::string method;  ///< as sent: methods are case-sensitive
  std::string target;  ///< "/path?query", as sent
  bool is_http_10 = false;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer;  ///< for the log

  /// nullptr when it is missing. Names compare without case.
  const std::string* header(std::string_view name) const;
  std::size_t count(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// A target taken apart and decoded: segments of the path, pairs of the query in order.
struct Target {
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;
};
/// nullopt for what is no origin-form target (RFC 9112, 3.2.1), or has broken percent-encoding,
/// malformed UTF-8 or control characters in it.
std::optional<Target> parse_target(std::string_view target);

/// Does the client take this type ("application", "json")? Without the header it takes all; the
/// most specific range decides (RFC 9110, 12.5.1).
bool accepts(const HttpRequest& request, std::string_view type, std::string_view subtype);

}  // namespace observerd::admin
