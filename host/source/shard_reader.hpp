#pragma once

#include <mutex>
#include <string>
#include <thread>

#include "source/backoff.hpp"
#include "source/lease_reader.hpp"

namespace observerd::source {

/// The thread that gets and keeps the lease of one shard for as long as it is wanted: connects,
/// takes the lock, takes over, reads; begins anew after every failure, for ever. Thread-safe.
class ShardReader {
 public:
  /// `parts` outlives the reader. Nothing is wanted at first.
  ShardReader(const ReaderParts& parts, int shard, std::uint32_t seed);
  ~ShardReader();
  ShardReader(const ShardReader&) = delete;
  ShardReader& operator=(const ShardReader&) = delete;

  void start();
  /// Get the lease.
  void want();
  /// Give it back, when what is under way is settled. `why`, for people; `elsewhere`: another host
  /// reads it.
  void leave(std::string why, bool elsewhere);
  /// Within 100 ms, unless the sink blocks. The lease is kept.
  void stop_reading() { interrupt_.stop_reading(); }
  /// Asks the thread to give the lease back and end.
  void release() { interrupt_.release(); }
  void join();
  /// The lease was given up elsewhere.
  void kick() { interrupt_.kick(); }

  /// Without read_to and unsettled, which the ledger knows.
  ShardState state() const;
  /// Another host had the lease when we tried last.
  bool refused() const;

 private:
  void run();
  /// The life of one connection.
  Status connected();
  /// Tries to get the lock until it is had (true), or the shard is not wanted any more.
  Result<bool> locked(postgres::Connection& connection);
  /// The life of one lease. The lock is held.
  Status leased(postgres::Connection& connection);
  Status hold(postgres::Connection& connection, std::uint64_t lease, bool closing);
  bool done_with(std::uint64_t lease) const;
  /// After a lease that ended in good order: others are told that the shard is free.
  Status give_back(postgres::Connection& connection);
  bool going_on() const { return !interrupt_.stopping() && !interrupt_.leaving(); }
  void set_state(const std::function<void(ShardState&)>& change);

  const ReaderParts& parts_;
  const int shard_;
  Interrupt interrupt_;
  Backoff backoff_;
  std::uint64_t last_lease_ = 0;  // of the thread
  std::thread thread_;
  mutable std::mutex mutex_;
  ShardState state_;            // under mutex_
  bool refused_ = false;        // under mutex_
  std::string why_left_;        // under mutex_
  bool left_to_other_ = false;  // under mutex_
};

}  // namespace observerd::source
