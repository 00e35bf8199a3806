#include "support/loopback.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>

namespace observerd::testing {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

LoopbackListener listen_on_loopback(int backlog) {
  LoopbackListener listener;
  listener.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  if (listener.socket < 0 || bind(listener.socket, raw, sizeof address) != 0 ||
      listen(listener.socket, backlog) != 0 || getsockname(listener.socket, raw, &size) != 0) {
    if (listener.socket >= 0) close(listener.socket);
    throw std::runtime_error("no listening socket for a test server");
  }
  listener.port = ntohs(address.sin_port);
  return listener;
}

int free_port() {
  const LoopbackListener listener = listen_on_loopback(1);
  close(listener.socket);
  return listener.port;
}

}  // namespace observerd::testing
