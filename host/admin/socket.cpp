#include "admin/socket.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace observerd::admin {
namespace {

using Poco::Net::ServerSocket;
using Poco::Net::SocketAddress;

Status cannot_listen(const ListenAddress& address, const std::string& why) {
  return Status::error(Code::Listener,
                       "the admin server cannot listen on " + address.to_string() + ": " + why);
}

/// Does anybody accept connections there?
bool is_alive(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  const int result = ::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name);
  const bool alive = result == 0 || errno == EAGAIN;  // EAGAIN: its backlog is full
  ::close(fd);
  return alive;
}

/// Makes room for a socket file: ok when there is none, or when it was a dead one.
Status clear(const ListenAddress& address) {
  struct stat status {};
  if (::lstat(address.path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) return cannot_listen(address, "there is a file that is no socket");
  if (is_alive(address.path)) return cannot_listen(address, "another process listens there");
  ::unlink(address.path.c_str());
  return {};
}

/// The file must never be open to more than its owner and group, not even between bind and chmod.
/// The mask is the process's, so a file that another thread makes meanwhile may come out tighter,
/// never wider.
class SocketMask {
 public:
  SocketMask() : before_(::umask(0117)) {}
  ~SocketMask() { ::umask(before_); }
  SocketMask(const SocketMask&) = delete;
  SocketMask& operator=(const SocketMask&) = delete;

 private:
  const mode_t before_;
};

}  // namespace

Result<ServerSocket> listen_on(ListenAddress& address, int backlog) {
  if (address.is_unix) {
    if (Status status = clear(address); !status.ok()) return status;
  }
  try {
    ServerSocket socket;
    if (address.is_unix) {
      const SocketMask mask;
      socket.bind(SocketAddress(SocketAddress::UNIX_LOCAL, address.path));
    } else {
      // Without SO_REUSEPORT: a second daemon on the same port must fail.
      socket.bind(SocketAddress(address.host, address.port), true, false);
      address.port = socket.address().port();
    }
    socket.listen(backlog);
    return socket;
  } catch (const Poco::Exception& error) {
    return cannot_listen(address, error.message().empty() ? error.what() : error.message());
  }
}

}  // namespace observerd::admin
