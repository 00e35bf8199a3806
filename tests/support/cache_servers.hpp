#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/server_process.hpp"
#include "support/tls_server.hpp"

namespace observerd::testing {

/// memcached on a free port of 127.0.0.1.
class MemcachedServer {
 public:
  static bool is_there();
  /// `options` are further words of its command line. With `login` ("user:password") clients must
  /// log in.
  explicit MemcachedServer(const std::vector<std::string>& options = {},
                           const std::string& login = {});

  int port() const { return process_->port(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port()); }
  /// The first line of the answer to a line, as from a new client that needs no login.
  std::string ask(const std::string& line) const;
  /// Ends it like a crash, and starts it anew on the same port, empty.
  void restart() { process_->restart(); }
  void kill() { process_->kill(); }

 private:
  TestFolder folder_;
  std::unique_ptr<ServerProcess> process_;
};

/// Varnish on a free port of 127.0.0.1 before a server of the test, with
/// plugins/cache/observerd.vcl.
class VarnishServer {
 public:
  /// Whether it, its vmod xkey, and the C compiler that it needs are there.
  static bool is_there();
  /// `more` is VCL that comes before the included file.
  explicit VarnishServer(int backend_port, const std::string& more = {});

  int port() const { return process_->port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  /// The body of the answer to a visitor's GET.
  std::string get(const std::string& host, const std::string& path) const;

 private:
  TestFolder folder_;
  std::unique_ptr<ServerProcess> process_;
};

}  // namespace observerd::testing
