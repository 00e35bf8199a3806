#pragma once

#include <string>

#include "support/server_process.hpp"
#include "support/tls_server.hpp"

namespace observerd::testing {

/// Postfix on a free port of 127.0.0.1, with a configuration and a queue of its own, that offers
/// STARTTLS and passes everything on to another server. It answers 450 for busy@example.org and 550
/// for no@example.org, and takes no bare line feeds and at most 100 kB.
class PostfixServer {
 public:
  /// "" or why it cannot run here: it is not installed, or this is not root, which it insists on.
  static std::string missing();
  /// Shows the certificate NAME. Throws when it does not come up.
  PostfixServer(const TestAuthority& authority, const std::string& name, int next_port);

  ~PostfixServer() { stop(); }
  PostfixServer(const PostfixServer&) = delete;
  PostfixServer& operator=(const PostfixServer&) = delete;

  int port() const { return process_.port(); }
  /// As an administrator does it, in the middle of whatever it is doing.
  void restart();
  /// Its log.
  std::string log() const;

 private:
  void stop() const;

  TestFolder folder_;
  ServerProcess process_;
};

}  // namespace observerd::testing
