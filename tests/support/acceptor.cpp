#include "support/acceptor.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "support/loopback.hpp"

namespace observerd::testing {

Acceptor::Acceptor(int backlog, Serve serve) : serve_(std::move(serve)) {
  const LoopbackListener listener = listen_on_loopback(backlog);
  listener_ = listener.socket;
  port_ = listener.port;
  thread_ = std::thread([this] { accept_all(); });
}

Acceptor::~Acceptor() {
  end();
}

void Acceptor::accept_all() {
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (is_ending_ || socket < 0) {
      if (socket >= 0) close(socket);
      return;
    }
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Connection& connection = connections_.emplace_back();
    const auto number = static_cast<int>(connections_.size());
    connection.socket = socket;
    connection.thread = std::thread([this, &connection, socket, number] {
      serve_(socket, number);
      const std::lock_guard done(mutex_);
      connection.socket = -1;  // the number may be given out again
      close(socket);
    });
  }
}

int Acceptor::connections() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(connections_.size());
}

void Acceptor::drop_connections() {
  const std::lock_guard lock(mutex_);
  for (const Connection& connection : connections_) {
    if (connection.socket >= 0) shutdown(connection.socket, SHUT_RDWR);
  }
}

void Acceptor::end() {
  {
    const std::lock_guard lock(mutex_);
    if (is_ending_) return;
    is_ending_ = true;
  }
  drop_connections();
  shutdown(listener_, SHUT_RDWR);
  thread_.join();  // no new connection from here on
  for (Connection& connection : connections_) connection.thread.join();
  close(listener_);
}

}  // namespace observerd::testing
