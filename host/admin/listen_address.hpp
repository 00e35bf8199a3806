#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.hpp"

namespace observerd::admin {

/// What `admin.listen` says. A value type.
struct ListenAddress {
  bool is_unix = false;
  std::string path;  ///< of a Unix socket, absolute
  std::string host;  ///< a numeric IPv4 or IPv6 address, without brackets
  std::uint16_t port = 0;

  /// Only this machine can reach it.
  bool is_local() const;
  /// "127.0.0.1:9810", "[::1]:9810", "unix:/run/observerd/admin.sock"
  std::string to_string() const;
};

/// "HOST:PORT", "[HOST]:PORT" or "unix:/PATH". HOST is an IP address or "localhost", which is
/// 127.0.0.1: no name is resolved, so that where the server listens never depends on a name
/// service. OB001 with what is wrong.
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace observerd::admin
