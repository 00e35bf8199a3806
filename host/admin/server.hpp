#pragma once

#include <memory>
#include <string>

#include "admin/connection.hpp"
#include "admin/site.hpp"
#include "base/status.hpp"
#include "telemetry/log.hpp"

namespace observerd::admin {

struct ServerOptions {
  std::string listen = "127.0.0.1:9810";  ///< see parse_listen_address; port 0 takes a free one
  std::string token;                      ///< "" only where nobody else can get: see Access
  Limits limits = {};
};

/// The HTTP server for operators: a site on a socket. Threads of its own, bounded; requests that
/// are refused are logged at warn, all others at debug, without their query.
///
/// A Unix socket gets mode 0660: whoever is in the daemon's group may ask and change. A socket file
/// that a dead process left behind is replaced; one that somebody listens on is an error.
class Server {
 public:
  Server(ServerOptions options, Contents contents, telemetry::Log& log);
  /// Stops.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens and serves, and logs where. OB001 for what the options say, OB010 when the address
  /// cannot be had. Once.
  Status start();
  /// Ends every connection, waits for what its endpoints are doing, removes a Unix socket. Called
  /// twice it does nothing.
  void stop();
  /// Where it listens, with the port that was taken; "" before start().
  std::string address() const;

 private:
  class Running;
  const ServerOptions options_;
  Contents contents_;
  telemetry::Log& log_;
  std::unique_ptr<Running> running_;
};

}  // namespace observerd::admin
