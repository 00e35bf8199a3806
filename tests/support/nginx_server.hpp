#pragma once

#include <string>

#include "support/tls_server.hpp"

namespace observerd::testing {

/// nginx on a free port of 127.0.0.1.
class NginxServer {
 public:
  static bool is_there();
  /// `locations` and `more` are lines of a server block. With an authority it speaks TLS and shows
  /// the certificate NAME. Throws when it does not come up.
  explicit NginxServer(const std::string& locations, const TestAuthority* authority = nullptr,
                       const std::string& name = "", const std::string& more = "");

  std::string url(const std::string& path) const;

 private:
  TestFolder folder_;
  bool has_tls_;
  ServerProcess process_;
};

}  // namespace observerd::testing
