#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "app/views/status_view.hpp"
#include "base/clock.hpp"
#include "postgres/connection.hpp"

namespace observerd::app {

/// Reads the status from the database for those who cannot wait for it: a scrape must have its
/// answer also while the database hangs. One thread and one connection, idle while nobody asks.
/// Thread-safe.
class StatusSampler {
 public:
  explicit StatusSampler(postgres::Options database);
  /// Cancels what runs.
  ~StatusSampler();
  StatusSampler(const StatusSampler&) = delete;
  StatusSampler& operator=(const StatusSampler&) = delete;

  /// One of the last second, else a new one, waited for up to `patience`; nullptr when there is
  /// none by then.
  std::shared_ptr<const views::StatusReport> latest(Milliseconds patience);

 private:
  void run();
  std::shared_ptr<const views::StatusReport> read();

  const postgres::Options database_;
  std::mutex mutex_;
  std::condition_variable asked_, answered_;
  bool wanted_ = false, stopping_ = false;
  std::uint64_t answers_ = 0;  ///< how many looks are over, successful or not
  SteadyTime taken_{};
  std::shared_ptr<const views::StatusReport> report_;
  std::unique_ptr<postgres::Connection> connection_;  ///< the thread's own but for cancel()
  std::thread thread_;  // last: everything else is there when it starts
};

}  // namespace observerd::app
