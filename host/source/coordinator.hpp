#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "source/backoff.hpp"
#include "source/balance.hpp"
#include "source/interrupt.hpp"
#include "source/maintenance.hpp"
#include "source/shard_reader.hpp"
#include "source/source.hpp"

namespace observerd::source {

/// What one host does besides reading, on a thread and a connection of its own: shows that it is
/// willing to read, decides which shards its readers want, and keeps the outbox short. Begins anew
/// after every failure, for ever; the readers go on meanwhile. Thread-safe.
class Coordinator {
 public:
  using Readers = std::vector<std::unique_ptr<ShardReader>>;

  /// `options` and `readers` (one a shard, by number) outlive it.
  Coordinator(const Options& options, const Readers& readers, std::uint32_t seed);
  ~Coordinator();
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;

  void start();
  /// Not willing any more; the readers keep what they have.
  void stop_reading();
  /// Ends the thread; tells the other hosts, when there are any, that shards are free.
  void stop();

  void hold_off(std::string reason);
  void go_on() { hold_off({}); }

  OutboxState outbox() const;

 private:
  void run();
  /// The life of one connection.
  Status connected();
  Status coordinate(postgres::Connection& connection);
  /// Takes or leaves the lock of the willing; `changed` when it did.
  Status show(postgres::Connection& connection, bool willing, bool& changed);
  void direct(const Roster& roster);
  void leave_all(const std::string& why);
  Status maintain(postgres::Connection& connection);
  Status wait(postgres::Connection& connection);
  std::string held_off_by() const;

  const Options& options_;
  const Readers& readers_;
  Maintenance maintenance_;
  Backoff backoff_;
  Interrupt interrupt_;
  std::atomic<bool> stopping_{false};
  // of the thread
  bool willing_ = false;  // what the connection shows
  std::vector<bool> wanted_;
  SteadyTime maintenance_due_{};
  int looks_soon_ = 0;
  std::thread thread_;
  mutable std::mutex mutex_;
  OutboxState outbox_;    // under mutex_
  std::string held_off_;  // under mutex_: the reason, or empty
};

}  // namespace observerd::source
