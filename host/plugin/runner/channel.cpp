#include "plugin/runner/channel.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace observerd::plugin {
namespace {

/// In one go; more waits its turn, so that neither sending nor the other descriptor starves.
constexpr std::size_t max_read_bytes = std::size_t{256} << 10;

Status ended(std::string message) {
  return Status::error(Code::PluginMisbehaved, std::move(message));
}

}  // namespace

Channel::Channel(Descriptor socket, std::size_t max_body)
    : socket_(std::move(socket)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      reader_(max_body) {}

void Channel::send(FrameKind kind, std::uint64_t id, std::string_view body) {
  send_encoded(encode_frame(kind, id, body));
}

void Channel::send_encoded(std::string bytes) {
  bool rest = false;
  {
    const std::lock_guard lock(mutex_);
    if (broken_) return;
    std::size_t done = 0;
    if (queue_.empty() && !write_some(bytes, done)) return;
    if (done == bytes.size()) return;
    rest = queue_.empty();
    if (rest) front_done_ = done;
    queued_ += bytes.size() - done;
    queue_.push_back(std::move(bytes));
  }
  if (rest) wake();
}

std::size_t Channel::queued() const {
  const std::lock_guard lock(mutex_);
  return queued_;
}

void Channel::wake() {
  const std::uint64_t one = 1;
  // EAGAIN (the counter is full) means that it is readable already.
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void Channel::hang_up() {
  ::shutdown(socket_.get(), SHUT_RDWR);
}

/// False when the peer is gone.
bool Channel::write_some(std::string_view bytes, std::size_t& done) {
  while (done < bytes.size()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data() + done, bytes.size() - done,
                                MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      done += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return true;
    } else if (errno != EINTR) {
      broken_ = true;
      queue_.clear();
      queued_ = 0;
      return false;
    }
  }
  return true;
}

void Channel::flush() {
  const std::lock_guard lock(mutex_);
  while (!queue_.empty()) {
    const std::size_t before = front_done_;
    if (!write_some(queue_.front(), front_done_)) return;
    queued_ -= front_done_ - before;
    if (front_done_ < queue_.front().size()) return;
    queue_.pop_front();
    front_done_ = 0;
  }
}

Status Channel::receive(std::vector<Frame>& frames) {
  std::array<char, 64 << 10> bytes;  // not initialised: most of it is never read
  std::size_t total = 0;
  while (total < max_read_bytes) {
    const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (got < 0) {
      ended_ = ended("cannot be read from: " + std::generic_category().message(errno));
      break;
    }
    if (got == 0) {
      ended_ = ended("has closed its end");
      break;
    }
    reader_.feed(std::string_view(bytes.data(), static_cast<std::size_t>(got)));
    total += static_cast<std::size_t>(got);
    if (static_cast<std::size_t>(got) < bytes.size()) break;
  }
  for (;;) {
    Result<std::optional<Frame>> next = reader_.next();
    if (!next) return ended("sent " + next.status().message());
    if (!next->has_value()) return {};
    frames.push_back(**std::move(next));
  }
}

Status Channel::wait(Milliseconds timeout, int other, Arrived& arrived) {
  arrived.frames.clear();
  arrived.readable = false;
  if (!ended_.ok()) return ended_;
  std::array<pollfd, 3> polled{pollfd{socket_.get(), POLLIN, 0}, pollfd{wake_.get(), POLLIN, 0},
                               pollfd{other, POLLIN, 0}};
  if (queued() > 0) polled[0].events |= POLLOUT;
  if (::poll(polled.data(), polled.size(), static_cast<int>(timeout.count())) <= 0) return {};
  if ((polled[1].revents & POLLIN) != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &count, sizeof count);
  }
  arrived.readable = (polled[2].revents & (POLLIN | POLLHUP)) != 0;
  if ((polled[0].revents & POLLOUT) != 0) flush();
  if ((polled[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) return {};
  Status broken = receive(arrived.frames);
  if (broken.ok() && arrived.frames.empty()) broken = ended_;
  return broken;
}

}  // namespace observerd::plugin
