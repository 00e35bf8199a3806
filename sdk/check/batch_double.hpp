#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "check/faults.hpp"
#include "check/guarded_memory.hpp"
#include "observerd/plugin.h"

namespace observerd::check {

/// What one item is made of.
struct ItemText {
  observerd_action* action = nullptr;
  std::string settings;
};

/// The observerd_batch that a tested deliver gets: counts each report and judges its result.
/// Several threads may report; the rest is for one thread. Must outlive whatever may still report.
class BatchDouble {
 public:
  BatchDouble(std::shared_ptr<GuardedMemory> memory, const std::vector<ItemText>& items);
  ~BatchDouble();
  BatchDouble(const BatchDouble&) = delete;
  BatchDouble& operator=(const BatchDouble&) = delete;

  /// Makes it a new batch of the same items. Nothing may hold the old one any more.
  void renew();
  void set_deadline(std::chrono::steady_clock::time_point deadline);
  void cancel();
  /// Called where the first report of a deliver is made, before it counts. Before deliver.
  void on_first_report(std::function<void()> hook) { hook_ = std::move(hook); }
  /// deliver has returned: unless the type is asynchronous, a report counts as late from here on.
  void set_returned(bool async) { returned_ = !async; }
  /// Waits until all items were reported, or until then. True when they were.
  bool wait_reported(std::chrono::steady_clock::time_point until);

  const observerd_batch* raw() const { return raw_; }
  std::uint32_t count() const { return raw_->count; }
  std::uint32_t reports(std::uint32_t index) const { return counts_[index]; }
  std::uint32_t late() const { return late_; }
  const Faults& out_of_range() const { return out_of_range_; }
  const Faults& malformed() const { return malformed_; }
  /// Texts that the host will cut.
  const Faults& too_long() const { return too_long_; }

 private:
  void take(std::uint32_t index, const observerd_result* result);
  void judge(const observerd_result& result);

  const std::shared_ptr<GuardedMemory> memory_;
  observerd_batch* raw_;
  std::unique_ptr<std::atomic<std::uint32_t>[]> counts_;
  std::atomic<std::uint32_t> late_{0};
  std::atomic<bool> returned_{false};
  std::atomic<bool> cancelled_{false};
  std::function<void()> hook_;
  std::atomic<bool> hooked_{false};
  Faults out_of_range_, malformed_, too_long_;
  std::mutex mutex_;
  std::condition_variable reported_;
  std::uint32_t open_ = 0;
  int event_fd_ = -1;
};

/// An event as the host writes it, the number making it unique.
std::string sample_event_json(std::uint64_t number);

}  // namespace observerd::check
