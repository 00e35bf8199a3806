#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "common/http_types.hpp"

namespace observerd::common {

/// Where parsing says what is wrong: a JSON pointer and one sentence without secrets.
using ProblemFn = std::function<void(const std::string& pointer, const std::string& sentence)>;

/// The settings of a route as a module has them: what stands between the braces of "properties".
inline constexpr std::string_view kRouteProperties = R"(
    "proxy": {"type": "string", "minLength": 1,
      "description": "Forward proxy, http:// or https://, with user:password@ if it wants a login. It is itself not held to allow_addresses."},
    "ca_file": {"type": "string", "minLength": 1,
      "description": "PEM file of certificate authorities to trust instead of the system's."},
    "client_cert_file": {"type": "string", "minLength": 1,
      "description": "PEM file with the certificate that is shown to receivers (mutual TLS)."},
    "client_key_file": {"type": "string", "minLength": 1,
      "description": "PEM file with the key of client_cert_file."},
    "connect_timeout": {"type": "string", "pattern": "^[1-9][0-9]{0,8}(ms|s|m|h)$", "default": "5s",
      "description": "Longest time for name, TCP and TLS together."},
    "max_response_bytes": {"type": "integer", "minimum": 0, "maximum": 16777216, "default": 65536,
      "description": "How much of an answer is read."})";

/// The same settings as an action has them: each replaces the module's.
inline constexpr std::string_view kRouteOverrides = R"(
    "proxy": {"type": "string", "minLength": 1,
      "description": "Replaces the module's proxy; \"direct\" for none."},
    "ca_file": {"type": "string", "minLength": 1,
      "description": "Replaces the module's ca_file."},
    "client_cert_file": {"type": "string", "minLength": 1,
      "description": "Replaces the module's client_cert_file; client_key_file must stand beside it."},
    "client_key_file": {"type": "string", "minLength": 1,
      "description": "Replaces the module's client_key_file; client_cert_file must stand beside it."},
    "connect_timeout": {"type": "string", "pattern": "^[1-9][0-9]{0,8}(ms|s|m|h)$",
      "description": "Replaces the module's connect_timeout."},
    "max_response_bytes": {"type": "integer", "minimum": 0, "maximum": 16777216,
      "description": "Replaces the module's max_response_bytes."})";

/// `base` with the members of `settings` that belong to a route put over it. What the schema cannot
/// say is checked here: the proxy's URL, files that can be read, members that need each other.
Route parse_route(const json::Value& settings, Route base, const ProblemFn& problem);

/// True when `settings` hold a member that makes for a route of its own.
bool has_route(const json::Value& settings);

/// The setting as a duration above 0, or `fallback`; reports what is neither.
Milliseconds read_duration(const json::Value& settings, const char* name, Milliseconds fallback,
                           const ProblemFn& problem);

/// A non-negative whole number of a member, or `fallback` when it is missing or none.
std::int64_t integer_or(const json::Value& object, std::string_view name, std::int64_t fallback);

/// What tells the lanes of one destination apart where actions go different ways to it: "" for the
/// module's own way, else " (proxy HOST:PORT, certificate FILE, authorities FILE)". No secret.
std::string route_label(const Route& route, const Route& base);

}  // namespace observerd::common
