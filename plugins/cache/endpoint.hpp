#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace observerd::cache {

/// A server of the settings, or one that a cluster named.
struct Endpoint {
  std::string host;  ///< a name or an address, IPv6 without brackets
  int port = 0;
  bool operator==(const Endpoint&) const = default;
  /// "cache.example.com:6379"; an IPv6 address in brackets.
  std::string text() const;
};

/// "HOST", "HOST:PORT", "[::1]:PORT", or an IPv6 address alone. nullopt for anything else, also for
/// a host with characters that no host has.
std::optional<Endpoint> parse_endpoint(std::string_view text, int default_port);

/// Whether a text can be a host: letters, digits, and of punctuation - . _ : %.
bool is_host(std::string_view text);

}  // namespace observerd::cache
