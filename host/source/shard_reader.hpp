#pragma once

#include <mutex>
#include <thread>

#include "source/backoff.hpp"
#include "source/lease_reader.hpp"

namespace observerd::source {

/// The thread that gets and keeps the lease of one shard: connects, takes the lock, takes over,
/// reads; begins anew after every failure, for ever. Thread-safe.
class ShardReader {
 public:
  /// `parts` outlives the reader.
  ShardReader(const ReaderParts& parts, int shard, std::uint32_t seed);
  ~ShardReader();
  ShardReader(const ShardReader&) = delete;
  ShardReader& operator=(const ShardReader&) = delete;

  void start();
  /// Within 100 ms, unless the sink blocks. The lease is kept.
  void stop_reading() { interrupt_.stop_reading(); }
  /// Asks the thread to give the lease back and end.
  void release() { interrupt_.release(); }
  void join();
  /// The lease was given up elsewhere.
  void kick() { interrupt_.kick(); }

  /// Without read_to and unsettled, which the ledger knows.
  ShardState state() const;

 private:
  void run();
  /// The life of one connection.
  Status connected();
  /// The life of one lease. The lock is held.
  Status leased(postgres::Connection& connection);
  Status hold(postgres::Connection& connection, std::uint64_t lease);
  void pause(int socket, Milliseconds time);
  void set_state(const std::function<void(ShardState&)>& change);

  const ReaderParts& parts_;
  const int shard_;
  Interrupt interrupt_;
  Backoff backoff_;
  std::uint64_t last_lease_ = 0;  // of the thread
  std::thread thread_;
  mutable std::mutex mutex_;
  ShardState state_;  // under mutex_
};

}  // namespace observerd::source
