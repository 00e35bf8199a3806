#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace observerd::app {

/// Tells the service manager how we are (sd_notify(3): "READY=1", "STATUS=…"). The protocol is one
/// datagram to $NOTIFY_SOCKET: too little to depend on a library for. Does nothing without one.
void notify_service_manager(const std::string& state);

/// The conversation of one service with its manager. Not thread-safe: the main thread's.
///
/// Every state is told once when it begins; `alive` feeds the watchdog, so it must be called from a
/// loop that stands still when the daemon does.
class ServiceManager {
 public:
  using Variable = std::function<std::optional<std::string>(const std::string&)>;
  using Send = std::function<void(const std::string&)>;

  /// Reads WATCHDOG_USEC and WATCHDOG_PID (sd_watchdog_enabled(3)) from `variable`.
  ServiceManager(const Variable& variable, const Clock& clock, Send send = notify_service_manager);

  void ready(const std::string& status);
  /// One line for `systemctl status`; nothing is sent while it stays the same.
  void status(const std::string& text);
  /// A reload has begun; ready() ends it, also when the old configuration stays
  /// (Type=notify-reload). It has the watchdog's whole time: nothing feeds that meanwhile.
  void reloading();
  void stopping(const std::string& status);
  /// Feeds the watchdog when half of its time is over.
  void alive();

  /// nullopt: no watchdog.
  std::optional<Milliseconds> watchdog() const { return watchdog_; }

 private:
  void feed(SteadyTime now);

  const Clock& clock_;
  const Send send_;
  std::optional<Milliseconds> watchdog_;
  SteadyTime fed_;
  std::string status_;
};

}  // namespace observerd::app
