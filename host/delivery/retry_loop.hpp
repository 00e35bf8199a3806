#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "delivery/dispatcher.hpp"
#include "delivery/release_loop.hpp"
#include "postgres/connection.hpp"
#include "telemetry/log.hpp"

namespace observerd::delivery {

/// Brings what is due in the retry schedule back to the dispatcher, and makes due what was held for
/// a cause that is gone: one thread with a connection of its own, for all shards that this host
/// works on. What a command writes into the schedule (a dead letter's re-drive) is seen within
/// kLookInterval; while there is something to do, looks follow each other closely, but never take
/// more than half of the time.
class RetryLoop {
 public:
  static constexpr Milliseconds kLookInterval{250};
  static constexpr Milliseconds kBusyInterval{10};
  /// Parked deliveries of one shard that may be under way at a time.
  static constexpr std::size_t kInFlightPerShard = 500;
  /// Of these, deliveries of one lane.
  static constexpr std::size_t kInFlightPerLane = 100;
  /// Of all, in memory: no more is read while there is more.
  static constexpr std::size_t kInFlightBytes = std::size_t{64} << 20;

  RetryLoop(postgres::Options database, int shards, Dispatcher& dispatcher, const Clock& clock,
            telemetry::Log& log);
  ~RetryLoop();
  RetryLoop(const RetryLoop&) = delete;
  RetryLoop& operator=(const RetryLoop&) = delete;

  void start();
  void stop();
  /// True when the last look over all owned shards found nothing due.
  bool nothing_due() const;

 private:
  void loop();
  /// True when something was found.
  Result<bool> look_at_all(postgres::Connection& connection);
  Result<bool> look(postgres::Connection& connection, int shard,
                    const ModuleRunner::ClosedLanes& lanes);
  Result<bool> probe(postgres::Connection& connection, int shard, std::uint64_t lease,
                     const ModuleRunner::ClosedLanes& lanes);
  Status free_keys(postgres::Connection& connection, int shard);

  const postgres::Options database_;
  const int shards_;
  Dispatcher& dispatcher_;
  const Clock& clock_;
  telemetry::Log& log_;
  std::vector<ReleaseLoop> releases_;  ///< by shard

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool nothing_due_ = false;
  std::thread thread_;
};

}  // namespace observerd::delivery
