#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "common/http_types.hpp"
#include "common/joined.hpp"
#include "common/route_settings.hpp"

namespace observerd::common {

inline constexpr std::string_view kClientOnlyProperties = R"(
    "allow_http": {"type": "boolean", "default": false,
      "description": "Accept http:// URLs as well as https://."},
    "allow_addresses": {"type": "array", "items": {"type": "string"}, "default": [],
      "description": "Address blocks (CIDR) that may be dialled although they are private, loopback, link-local or otherwise refused."},
    "timeout": {"type": "string", "pattern": "^[1-9][0-9]{0,8}(ms|s|m|h)$",
      "description": "Longest time for one request, also where the timeout of an action (30s unless set) is longer."},
    "max_connections": {"type": "integer", "minimum": 1, "maximum": 1024, "default": 64,
      "description": "Requests at a time to one destination."},
    "user_agent": {"type": "string", "minLength": 1,
      "description": "The User-Agent header; by default observerd and its version."},)";

/// The settings that every action type with an HTTP client has: what stands between the braces of
/// "properties" in a module schema.
inline constexpr std::string_view kClientProperties =
    joined_view<kClientOnlyProperties, kRouteProperties>;

struct ClientSettings {
  ClientOptions client;
  std::optional<Milliseconds> timeout;
};

/// Reads the settings above from a module's settings, which the host has validated against the
/// schema; what a schema cannot say is checked here (blocks, files, dependent members).
ClientSettings parse_client_settings(const json::Value& settings, const ProblemFn& problem);

/// A URL of the settings that requests go to: as parse_url, and https unless `allow_http`. nullopt
/// after saying why under `pointer`.
std::optional<Url> read_endpoint(const std::string& text, bool allow_http,
                                 const std::string& pointer, const ProblemFn& problem);

}  // namespace observerd::common
