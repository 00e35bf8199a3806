#pragma once

#include <string>

#include "support/server_process.hpp"

namespace observerd::testing {

/// squid as a forward proxy on a free port of 127.0.0.1 that wants a login and knows one name that
/// nobody else does: kName is 127.0.0.1.
class SquidProxy {
 public:
  static constexpr const char* kName = "receiver.test";

  static bool is_there();
  /// `rules` stand before the login in squid's own language: "http_access deny to_localhost".
  /// Throws when it does not come up.
  explicit SquidProxy(const std::string& rules = "");

  /// "http://127.0.0.1:PORT" with that before the host: "user:password@".
  std::string url(const std::string& login = "user:p%40ss%20word@") const;

 private:
  TestFolder folder_;
  ServerProcess process_;
};

}  // namespace observerd::testing
