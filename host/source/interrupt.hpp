#pragma once

#include <atomic>
#include <mutex>

#include "base/clock.hpp"
#include "postgres/connection.hpp"

namespace observerd::source {

/// How other threads reach a reader that waits, or whose statement runs. Thread-safe.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  void stop_reading();
  void release();
  /// Reading is to end, or may go on, for this lease only; no statement is cancelled for it.
  void leave(bool leave);
  /// Ends the wait() of now, or the next one.
  void kick() noexcept;

  bool stopping() const { return stopping_; }
  bool releasing() const { return releasing_; }
  bool leaving() const { return leaving_; }

  /// Until a kick, something to read from `socket` (when it is not negative) or the time-out.
  void wait(int socket, Milliseconds timeout);

  /// While it lives, stop_reading() and release() cancel the statement of the connection. Only
  /// around statements that a reader runs for nothing but reading: the cancel may come late and hit
  /// the next one, so look at stopping() before running any.
  class Cancellable {
   public:
    Cancellable(Interrupt& interrupt, postgres::Connection& connection);
    ~Cancellable();
    Cancellable(const Cancellable&) = delete;
    Cancellable& operator=(const Cancellable&) = delete;

   private:
    Interrupt& interrupt_;
  };

 private:
  void cancel_running();

  const int event_;  // an eventfd
  std::atomic<bool> stopping_{false};
  std::atomic<bool> releasing_{false};
  std::atomic<bool> leaving_{false};
  std::mutex mutex_;
  postgres::Connection* running_ = nullptr;  // under mutex_
};

}  // namespace observerd::source
