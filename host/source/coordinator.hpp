#pragma once

#include <mutex>
#include <string>
#include <thread>

#include "source/backoff.hpp"
#include "source/interrupt.hpp"
#include "source/maintenance.hpp"
#include "source/source.hpp"

namespace observerd::source {

/// What one host does besides reading, on a thread and a connection of its own: keeps the outbox
/// short. Begins anew after every failure, for ever. Thread-safe.
class Coordinator {
 public:
  /// `options` outlives it.
  Coordinator(const Options& options, std::uint32_t seed);
  ~Coordinator();
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;

  void start();
  /// Asks the thread to end, and waits for it.
  void stop();

  OutboxState outbox() const;

 private:
  void run();
  /// The life of one connection.
  Status connected();

  const Options& options_;
  Maintenance maintenance_;
  Backoff backoff_;
  Interrupt interrupt_;
  std::thread thread_;
  mutable std::mutex mutex_;
  OutboxState outbox_;  // under mutex_
};

}  // namespace observerd::source
