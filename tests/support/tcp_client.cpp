#include "support/tcp_client.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "support/loopback.hpp"

namespace observerd::testing {

TcpClient::TcpClient(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_in address = loopback(port);
  const timeval patience{30, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(socket_);
    throw std::runtime_error("nobody listens on port " + std::to_string(port));
  }
}

TcpClient::~TcpClient() {
  close(socket_);
}

void TcpClient::send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("the connection is closed");
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string TcpClient::read_until(std::string_view text) {
  for (;;) {
    const std::size_t found = buffer_.find(text);
    if (found != std::string::npos) {
      std::string heard = buffer_.substr(0, found + text.size());
      buffer_.erase(0, heard.size());
      return heard;
    }
    if (!receive()) throw std::runtime_error("only this came: " + buffer_);
  }
}

std::string TcpClient::read_rest() {
  while (receive()) continue;
  return std::exchange(buffer_, {});
}

bool TcpClient::receive() {
  char piece[4096];
  const ssize_t got = recv(socket_, piece, sizeof piece, 0);
  if (got > 0) buffer_.append(piece, static_cast<std::size_t>(got));
  return got > 0;
}

}  // namespace observerd::testing
