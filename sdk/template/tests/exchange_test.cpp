#include "exchange.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <string>

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Listens on a free port of this machine.
class Listener {
 public:
  Listener() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&address_.storage);
    v4->sin_family = AF_INET;
    v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address_.size = sizeof *v4;
    bind(fd_, reinterpret_cast<sockaddr*>(&address_.storage), address_.size);
    listen(fd_, 8);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address_.storage), &address_.size);
  }
  ~Listener() { shut(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  const Address& address() const { return address_; }
  void shut() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  /// Takes one connection, reads something, answers, closes. Returns what it read.
  std::string answer(const std::string& text) const {
    const int peer = accept(fd_, nullptr, nullptr);
    char buffer[512];
    const ssize_t got = read(peer, buffer, sizeof buffer);
    const ssize_t sent = write(peer, text.data(), text.size());
    close(peer);
    return got < 0 || sent < 0 ? "" : std::string(buffer, static_cast<std::size_t>(got));
  }

 private:
  Address address_;
  int fd_;
};

Limits within(milliseconds time) {
  return {steady_clock::now() + time};
}

TEST(Exchange, SendsALineAndBringsTheAnswer) {
  const Listener listener;
  auto heard = std::async(std::launch::async, [&] { return listener.answer("ok 1\r\n"); });
  const Reply reply = exchange(listener.address(), "hello", within(milliseconds(10'000)));
  EXPECT_EQ(reply.ending, Ending::Answered);
  EXPECT_EQ(reply.text, "ok 1");
  EXPECT_EQ(heard.get(), "hello\n");
}

TEST(Exchange, TellsAClosedPortFromABrokenAnswer) {
  Listener listener;
  auto heard = std::async(std::launch::async, [&] { return listener.answer("o"); });
  EXPECT_EQ(exchange(listener.address(), "hello", within(milliseconds(10'000))).ending,
            Ending::BrokenOff);
  heard.get();
  listener.shut();
  EXPECT_EQ(exchange(listener.address(), "hello", within(milliseconds(10'000))).ending,
            Ending::Unreachable);
}

TEST(Exchange, EndsAtTheDeadline) {
  const Listener silent;
  const auto begin = steady_clock::now();
  EXPECT_EQ(exchange(silent.address(), "hello", within(milliseconds(100))).ending,
            Ending::TimedOut);
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Exchange, EndsWhenItIsCancelled) {
  const Listener silent;
  int cancel[2];
  ASSERT_EQ(pipe(cancel), 0);
  ASSERT_EQ(write(cancel[1], "x", 1), 1);
  Limits limits = within(milliseconds(60'000));
  limits.cancel_fd = cancel[0];
  EXPECT_EQ(exchange(silent.address(), "hello", limits).ending, Ending::Cancelled);
  close(cancel[0]);
  close(cancel[1]);
}

}  // namespace
