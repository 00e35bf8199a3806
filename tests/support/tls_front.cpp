#include "support/tls_front.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <stdexcept>

#include "support/loopback.hpp"

namespace observerd::testing {
namespace {

struct TlsFree {
  void operator()(SSL* tls) const { SSL_free(tls); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

std::string common_name(SSL* tls) {
  const std::unique_ptr<X509, TlsFree> certificate(SSL_get1_peer_certificate(tls));
  std::array<char, 256> name{};
  if (certificate == nullptr ||
      X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName,
                                name.data(), static_cast<int>(name.size())) < 0) {
    return {};
  }
  return name.data();
}

bool send_all(int socket, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = send(socket, data, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

}  // namespace

TlsFront::TlsFront(const TestAuthority& authority, const std::string& name, int target_port,
                   Client client)
    : context_(SSL_CTX_new(TLS_server_method())), target_port_(target_port) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that may be closed
  if (SSL_CTX_use_certificate_file(context_, authority.certificate(name).c_str(),
                                   SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context_, authority.key(name).c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_load_verify_file(context_, authority.ca_file().c_str()) != 1) {
    throw std::runtime_error("OpenSSL does not take the certificate " + name);
  }
  const int verify = client == Client::WithCertificate
                         ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                         : SSL_VERIFY_PEER;
  SSL_CTX_set_verify(context_, verify, nullptr);
  // Each handshake is a whole one, so that each client is seen with its certificate.
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context_, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context_, 0);
  acceptor_.emplace(64, [this](int socket, int /*number*/) { serve(socket); });
}

TlsFront::~TlsFront() {
  acceptor_.reset();
  SSL_CTX_free(context_);
}

std::string TlsFront::url(const std::string& path) const {
  return "https://127.0.0.1:" + std::to_string(acceptor_->port()) + path;
}

std::vector<std::string> TlsFront::clients() const {
  const std::lock_guard lock(mutex_);
  return clients_;
}

void TlsFront::serve(int socket) {
  const std::unique_ptr<SSL, TlsFree> tls(SSL_new(context_));
  if (SSL_set_fd(tls.get(), socket) != 1 || SSL_accept(tls.get()) != 1) return;
  {
    const std::lock_guard lock(mutex_);
    clients_.push_back(common_name(tls.get()));
  }
  relay(tls.get(), socket);
}

void TlsFront::relay(SSL* tls, int socket) {
  const int target = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(target_port_);
  std::array<char, 16 * 1024> block{};
  bool is_open = connect(target, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  while (is_open) {
    std::array<pollfd, 2> sockets = {{{socket, POLLIN, 0}, {target, POLLIN, 0}}};
    if (SSL_pending(tls) == 0 && poll(sockets.data(), sockets.size(), -1) < 0) break;
    if (SSL_pending(tls) > 0 || sockets[0].revents != 0) {
      const int size = SSL_read(tls, block.data(), static_cast<int>(block.size()));
      is_open = size > 0 && send_all(target, block.data(), static_cast<std::size_t>(size));
    }
    if (is_open && sockets[1].revents != 0) {
      const ssize_t size = recv(target, block.data(), block.size(), 0);
      is_open = size > 0 && SSL_write(tls, block.data(), static_cast<int>(size)) > 0;
    }
  }
  SSL_shutdown(tls);
  close(target);
}

}  // namespace observerd::testing
