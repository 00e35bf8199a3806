#include "app/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace observerd::app {
namespace {

/// sd_notify states are lines: a text must not begin another one.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

std::optional<std::int64_t> number(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || rest != end || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

void notify_service_manager(const std::string& state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if (length >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';  // the abstract name space
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  // Nobody to complain to when it fails: the manager will notice by its own time limit.
  [[maybe_unused]] const auto sent = sendto(
      fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
  close(fd);
}

ServiceManager::ServiceManager(const Variable& variable, const Clock& clock, Send send)
    : clock_(clock), send_(std::move(send)), fed_(clock.steady_now()) {
  const std::optional<std::string> pid = variable("WATCHDOG_PID");
  if (pid && number(pid) != getpid()) return;  // meant for another process
  if (const auto microseconds = number(variable("WATCHDOG_USEC"))) {
    watchdog_ = Milliseconds(*microseconds / 1000);
  }
}

void ServiceManager::ready(const std::string& status) {
  status_ = one_line(status);
  send_("READY=1\nSTATUS=" + status_);
}

void ServiceManager::status(const std::string& text) {
  std::string line = one_line(text);
  if (line == status_) return;
  status_ = std::move(line);
  send_("STATUS=" + status_);
}

void ServiceManager::reloading() {
  feed(clock_.steady_now());  // nothing feeds the watchdog until the reload is over
  status_ = "reloading";
  const auto now =
      std::chrono::duration_cast<std::chrono::microseconds>(clock_.steady_now().time_since_epoch());
  send_("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()) + "\nSTATUS=" + status_);
}

void ServiceManager::stopping(const std::string& status) {
  status_ = one_line(status);
  send_("STOPPING=1\nSTATUS=" + status_);
}

void ServiceManager::alive() {
  if (!watchdog_) return;
  const SteadyTime now = clock_.steady_now();
  if (now - fed_ < *watchdog_ / 2) return;
  feed(now);
}

void ServiceManager::feed(SteadyTime now) {
  fed_ = now;
  if (watchdog_) send_("WATCHDOG=1");
}

}  // namespace observerd::app
