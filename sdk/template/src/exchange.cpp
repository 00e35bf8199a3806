#include "exchange.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

namespace {

using std::chrono::milliseconds;

constexpr std::size_t longest_answer = 4096;

std::string error_text(int error) {
  return std::generic_category().message(error);
}

/// A connected socket that never blocks, and the limits for all that is done with it.
class Connection {
 public:
  explicit Connection(const Limits& limits) : limits_(limits) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (fd_ >= 0) close(fd_);
  }

  /// nullopt when all went well; else how it ended. The same below.
  std::optional<Reply> open(const Address& to) {
    fd_ = socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return Reply{Ending::Unreachable, error_text(errno)};
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&to.storage), to.size) == 0) return {};
    if (errno != EINPROGRESS) return Reply{Ending::Unreachable, error_text(errno)};
    if (auto ended = wait_for(POLLOUT)) return ended;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return Reply{Ending::Unreachable, error_text(error)};
    return {};
  }

  std::optional<Reply> send_all(std::string_view text) {
    while (!text.empty()) {
      // MSG_NOSIGNAL: a receiver that hangs up must not end the process.
      const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        text.remove_prefix(static_cast<std::size_t>(sent));
      } else if (auto ended = after_error(POLLOUT)) {
        return ended;
      }
    }
    return {};
  }

  Reply receive_line() {
    std::string line;
    while (line.size() < longest_answer) {
      std::array<char, 512> buffer{};
      const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
      if (got == 0) return {Ending::BrokenOff, "the receiver closed the connection"};
      if (got < 0) {
        if (auto ended = after_error(POLLIN)) return *ended;
        continue;
      }
      line.append(buffer.data(), static_cast<std::size_t>(got));
      const std::size_t end = line.find('\n');
      if (end == std::string::npos) continue;
      line.erase(end);
      if (!line.empty() && line.back() == '\r') line.pop_back();
      return {Ending::Answered, line};
    }
    return {Ending::BrokenOff, "the answer is too long"};
  }

 private:
  std::optional<Reply> after_error(short events) {
    if (errno == EINTR) return {};
    if (errno == EAGAIN || errno == EWOULDBLOCK) return wait_for(events);
    return Reply{Ending::BrokenOff, error_text(errno)};
  }

  std::optional<Reply> wait_for(short events) {
    while (true) {
      const auto left =
          std::chrono::ceil<milliseconds>(limits_.deadline - std::chrono::steady_clock::now());
      if (left <= milliseconds(0)) return Reply{Ending::TimedOut, "no answer in time"};
      std::array<pollfd, 2> waiting = {{{fd_, events, 0}, {limits_.cancel_fd, POLLIN, 0}}};
      const auto most = static_cast<int>(std::min(left, milliseconds(60'000)).count());
      const int ready = poll(waiting.data(), waiting.size(), most);
      if (ready < 0 && errno != EINTR) return Reply{Ending::BrokenOff, error_text(errno)};
      if (ready <= 0) continue;
      if (waiting[1].revents != 0) return Reply{Ending::Cancelled, "cancelled"};
      return {};
    }
  }

  const Limits limits_;
  int fd_ = -1;
};

}  // namespace

Reply exchange(const Address& to, std::string_view line, const Limits& limits) {
  Connection connection(limits);
  if (auto ended = connection.open(to)) return *ended;
  if (auto ended = connection.send_all(std::string(line) + "\n")) return *ended;
  return connection.receive_line();
}

Reply try_to_connect(const Address& to, const Limits& limits) {
  Connection connection(limits);
  return connection.open(to).value_or(Reply{Ending::Answered, ""});
}
