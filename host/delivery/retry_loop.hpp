#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.hpp"
#include "delivery/dispatcher.hpp"
#include "postgres/connection.hpp"
#include "telemetry/log.hpp"

namespace observerd::delivery {

/// Brings what is due in the retry schedule back to the dispatcher: one thread with a connection of
/// its own, for all shards that this host works on. What a command writes into the schedule (a dead
/// letter's re-drive) is seen within kLookInterval.
class RetryLoop {
 public:
  static constexpr Milliseconds kLookInterval{250};
  /// Parked deliveries of one shard that may be under way at a time.
  static constexpr std::size_t kInFlightPerShard = 500;
  /// Of these, deliveries of one lane.
  static constexpr std::size_t kInFlightPerLane = 100;

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
  Result<bool> look(postgres::Connection& connection, int shard);
  Status free_keys(postgres::Connection& connection, int shard);

  const postgres::Options database_;
  const int shards_;
  Dispatcher& dispatcher_;
  const Clock& clock_;
  telemetry::Log& log_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool nothing_due_ = false;
  std::thread thread_;
};

}  // namespace observerd::delivery
