#pragma once

#include <openssl/types.h>

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "support/acceptor.hpp"
#include "support/tls_server.hpp"

namespace observerd::testing {

/// TLS before a plain server of the tests, on a free port of 127.0.0.1: what HttpServer can do well
/// or badly, over TLS, and who came with which certificate. Written by hand because a test must see
/// the handshake. Thread-safe.
class TlsFront {
 public:
  enum class Client : unsigned char { Anybody, WithCertificate };

  /// Forwards to 127.0.0.1:`target_port`, showing the certificate NAME. WithCertificate: clients
  /// must show one of the same authority. Throws when OpenSSL refuses.
  TlsFront(const TestAuthority& authority, const std::string& name, int target_port,
           Client client = Client::Anybody);
  ~TlsFront();
  TlsFront(const TlsFront&) = delete;
  TlsFront& operator=(const TlsFront&) = delete;

  std::string url(const std::string& path = "/") const;
  /// The common name of each client whose handshake was completed, "" without a certificate.
  std::vector<std::string> clients() const;

 private:
  void serve(int socket);
  void relay(SSL* tls, int socket);

  SSL_CTX* context_ = nullptr;
  int target_port_;
  mutable std::mutex mutex_;
  std::vector<std::string> clients_;
  std::optional<Acceptor> acceptor_;  // last: it uses the rest
};

}  // namespace observerd::testing
