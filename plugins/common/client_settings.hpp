#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "common/http_types.hpp"

namespace observerd::common {

/// The settings that every action type with an HTTP client has: what stands between the braces of
/// "properties" in a module schema.
inline constexpr std::string_view kClientProperties = R"(
    "allow_http": {"type": "boolean", "default": false,
      "description": "Accept http:// URLs as well as https://."},
    "allow_addresses": {"type": "array", "items": {"type": "string"}, "default": [],
      "description": "Address blocks (CIDR) that may be dialled although they are private, loopback, link-local or otherwise refused."},
    "proxy": {"type": "string", "minLength": 1,
      "description": "Forward proxy, such as http://proxy.example.com:3128. The address rules apply to the proxy's own address; what it connects to is for the proxy to vet."},
    "ca_file": {"type": "string", "minLength": 1,
      "description": "PEM file of certificate authorities to trust instead of the system's."},
    "client_cert_file": {"type": "string", "minLength": 1,
      "description": "PEM file with the certificate that this client shows (mutual TLS)."},
    "client_key_file": {"type": "string", "minLength": 1,
      "description": "PEM file with the key of client_cert_file."},
    "connect_timeout": {"type": "string", "pattern": "^[1-9][0-9]{0,8}(ms|s|m|h)$", "default": "5s",
      "description": "Longest time for name, TCP and TLS together."},
    "timeout": {"type": "string", "pattern": "^[1-9][0-9]{0,8}(ms|s|m|h)$", "default": "30s",
      "description": "Longest time for one request, from its start to the end of the answer."},
    "max_response_bytes": {"type": "integer", "minimum": 0, "maximum": 16777216, "default": 65536,
      "description": "How much of an answer is read."},
    "max_connections": {"type": "integer", "minimum": 1, "maximum": 1024, "default": 64,
      "description": "Requests at a time to one destination."},
    "user_agent": {"type": "string", "minLength": 1,
      "description": "The User-Agent header; by default observerd and its version."})";

/// Where parsing says what is wrong: a JSON pointer and one sentence without secrets.
using ProblemFn = std::function<void(const std::string& pointer, const std::string& sentence)>;

struct ClientSettings {
  ClientOptions client;
  Milliseconds timeout{30'000};
};

/// Reads the settings above from a module's settings, which the host has validated against the
/// schema; what a schema cannot say is checked here (blocks, files, dependent members).
ClientSettings parse_client_settings(const json::Value& settings, const ProblemFn& problem);

/// A non-negative whole number of a member, or `fallback` when it is missing or none.
std::int64_t integer_or(const json::Value& object, std::string_view name, std::int64_t fallback);

}  // namespace observerd::common
