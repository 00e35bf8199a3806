#include "line_receiver.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

namespace observerd::testing {

LineReceiver::LineReceiver(std::function<std::string(const json::Value&)> answer)
    : answer_(std::move(answer)), listener_(listen_on_loopback(64)), thread_([this] { run(); }) {}

LineReceiver::~LineReceiver() {
  ::shutdown(listener_.socket, SHUT_RDWR);  // ends accept
  thread_.join();
  ::close(listener_.socket);
}

void LineReceiver::run() {
  for (int peer = 0; (peer = ::accept(listener_.socket, nullptr, nullptr)) >= 0;) {
    serve(peer);
    ::close(peer);
  }
}

void LineReceiver::serve(int peer) {
  std::string line;
  while (line.find('\n') == std::string::npos) {
    std::array<char, 4096> buffer{};
    const ssize_t got = ::recv(peer, buffer.data(), buffer.size(), 0);
    if (got <= 0) return;
    line.append(buffer.data(), static_cast<std::size_t>(got));
  }
  const auto request = json::parse(line, Code::BadEvent);
  const std::string answer = (request ? answer_(*request) : "no JSON") + "\n";
  ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
  if (!request) return;
  const std::lock_guard lock(mutex_);
  requests_.push_back(*request);
  changed_.notify_all();
}

bool LineReceiver::wait_for(std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::minutes(1),
                           [&] { return requests_.size() >= count; });
}

std::vector<json::Value> LineReceiver::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

}  // namespace observerd::testing
