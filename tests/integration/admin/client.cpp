#include "integration/admin/client.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace observerd::testing {
namespace {

int connect_unix(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strncpy(name.sun_path, path.c_str(), sizeof name.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0) return fd;
  ::close(fd);
  return -1;
}

int connect_tcp(std::string host, const std::string& port) {
  if (host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return -1;
  int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
    ::close(fd);
    fd = -1;
  }
  freeaddrinfo(found);
  return fd;
}

}  // namespace

RawClient::RawClient(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  fd_ = address.starts_with("unix:")
            ? connect_unix(address.substr(5))
            : connect_tcp(address.substr(0, colon), address.substr(colon + 1));
  if (fd_ < 0) throw std::runtime_error("cannot connect to " + address);
}

RawClient::~RawClient() {
  ::close(fd_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string RawClient::read_all() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::string all;
  char buffer[4096];
  while (std::chrono::steady_clock::now() < end) {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, 1000) == 0) continue;
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) return all;
    all.append(buffer, static_cast<std::size_t>(got));
  }
  return all;
}

std::chrono::milliseconds RawClient::drip_until_closed(std::chrono::milliseconds pause) {
  const auto begun = std::chrono::steady_clock::now();
  for (;;) {
    pollfd waiting{fd_, POLLIN, 0};
    char buffer[4096];
    const bool readable = ::poll(&waiting, 1, static_cast<int>(pause.count())) > 0;
    const bool closed = readable && ::recv(fd_, buffer, sizeof buffer, 0) <= 0;
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begun);
    if (closed || !send("x") || took > std::chrono::seconds(20)) return took;
  }
}

Reply ask_raw(const std::string& address, std::string_view bytes) {
  RawClient client(address);
  client.send(bytes);
  const std::string all = client.read_all();
  Reply reply;
  const std::size_t end = all.find("\r\n\r\n");
  if (!all.starts_with("HTTP/1.") || end == std::string::npos) return reply;
  reply.status = std::atoi(all.c_str() + 9);
  reply.head = all.substr(0, end);
  reply.body = all.substr(end + 4);
  return reply;
}

Reply ask(const std::string& address, const std::string& method, const std::string& target,
          const std::string& headers, const std::string& body) {
  std::string request = method + ' ' + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return ask_raw(address, request + "\r\n" + body);
}

}  // namespace observerd::testing
