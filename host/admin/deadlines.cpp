#include "admin/deadlines.hpp"

#include <sys/socket.h>

#include <algorithm>

namespace observerd::admin {
namespace {

// Whoever is blocked in a read or a write gets an end of file or an error. The descriptor stays:
// its owner closes it.
void end(const Poco::Net::StreamSocket& socket) {
  ::shutdown(socket.impl()->sockfd(), SHUT_RDWR);
}

}  // namespace

Deadlines::Deadlines() : thread_([this] { run(); }) {}

Deadlines::~Deadlines() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::uint64_t Deadlines::add(const Poco::Net::StreamSocket& socket, Milliseconds time) {
  const std::lock_guard lock(mutex_);
  if (ending_) end(socket);
  const std::uint64_t id = ++last_id_;
  connections_.emplace(id, Connection{socket, std::chrono::steady_clock::now() + time});
  changed_.notify_all();
  return id;
}

void Deadlines::extend(std::uint64_t id, Milliseconds time) {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(id);
  if (found == connections_.end() || ending_) return;
  found->second.deadline = std::chrono::steady_clock::now() + time;
}

void Deadlines::remove(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  connections_.erase(id);
}

void Deadlines::end_all() {
  const std::lock_guard lock(mutex_);
  ending_ = true;
  for (const auto& [id, connection] : connections_) end(connection.socket);
}

void Deadlines::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    SteadyTime next = SteadyTime::max();
    const SteadyTime now = std::chrono::steady_clock::now();
    for (auto& [id, connection] : connections_) {
      if (connection.deadline <= now) {
        end(connection.socket);
        connection.deadline = SteadyTime::max();
      }
      next = std::min(next, connection.deadline);
    }
    // A far future would overflow in some implementations of wait_until.
    if (next == SteadyTime::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, next);
    }
  }
}

}  // namespace observerd::admin
