#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/failure.hpp"
#include "delivery/holds.hpp"
#include "delivery/observer_counts.hpp"
#include "delivery/plan.hpp"
#include "event/event.hpp"
#include "store/records.hpp"

namespace observerd::delivery {

/// One event under way. It is settled when every observer that matched it is through; the writes
/// that its deliveries left behind go into the same flush. Thread-safe.
class EventWork {
 public:
  EventWork(std::shared_ptr<const Event> event, std::uint64_t lease, std::int64_t outbox_id)
      : event(std::move(event)), lease(lease), outbox_id(outbox_id) {}

  const std::shared_ptr<const Event> event;
  const std::uint64_t lease;
  const std::int64_t outbox_id;  ///< 0 for a parked delivery: its event is settled already
  /// In this process; max() for what must not be given up when the queues are full. Set, as hold
  /// and matched, before any delivery starts.
  SteadyTime arrived = SteadyTime::max();
  std::shared_ptr<void> hold;  ///< what it holds of the host's limits; given back with the work
  bool matched = false;        ///< some observer fired
  std::atomic<bool> pending{false};  ///< something of it went to the retry schedule
  /// Notes that the order gate waits for a row of this key to be written.
  void announce_park(std::string key);
  std::vector<std::string> take_announced();

  std::string freed_key;  ///< ordering key whose parked delivery has ended; one delivery only

  /// What an event holds besides its texts, roughly.
  static constexpr std::size_t kOverhead = 512;
  std::size_t bytes() const { return event->new_text.size() + event->old_text.size() + kOverhead; }

  int shard() const { return event->shard; }
  /// event_json(event), made once.
  std::shared_ptr<const std::string> json();

  void open() { ++open_; }
  /// True for the one who closes last.
  bool close() { return --open_ == 0; }
  void add(store::Write write);
  std::vector<store::Write> take_writes();
  void mark_failed() { failed_ = true; }
  bool failed() const { return failed_; }
  /// A failure has cut a sequence short.
  void mark_skipped() { skipped_ = true; }
  /// It was given up because the queues were full. True the first time.
  bool mark_dropped() { return !dropped_.exchange(true); }
  bool dropped() const { return dropped_; }
  /// To be told when the writes are in the database.
  void add_alert(Failure failure);
  /// After the event is settled.
  const std::vector<Failure>& alerts() const { return alerts_; }
  /// The word for the event log.
  std::string_view status() const;

 private:
  std::atomic<int> open_{0};
  std::atomic<bool> failed_{false}, skipped_{false}, dropped_{false};
  std::mutex mutex_;
  std::vector<store::Write> writes_;
  std::vector<std::string> announced_;
  std::vector<Failure> alerts_;
  std::shared_ptr<const std::string> json_;
};

/// One action for one event, on its way. Owned by exactly one place at a time: the order gate, a
/// lane, or a call to the plugin.
struct Delivery {
  std::shared_ptr<EventWork> work;
  std::shared_ptr<const ActivePlan> plan;
  const PreparedObserver* observer = nullptr;
  std::size_t action_index = 0;
  Uuid id;
  std::string ordering_key;  ///< "" when unordered
  std::string lane;
  std::shared_ptr<const std::string> settings_json;
  WallTime started;                     ///< of this try
  bool from_schedule = false;           ///< it comes from the retry schedule
  bool is_alert = false;                ///< see Alerter: belongs to no event of the stream
  std::optional<store::Parked> parked;  ///< its row there, or the row it is about to get

  const PreparedAction& action() const { return observer->actions[action_index]; }
  int tries() const { return parked ? parked->tries : 0; }
  int attempts() const { return parked ? parked->attempts : 0; }
};

using DeliveryPtr = std::unique_ptr<Delivery>;

/// Its row of the schedule as it is, or the one it is about to get.
store::Parked to_parked(const Delivery& delivery);

/// Its attempts with another one, as many as are kept.
std::vector<store::Attempt> history_with(const Delivery& delivery, store::Attempt attempt);

/// What a report of the plugin about it holds.
HoldScope hold_scope(const Delivery& delivery);

ObserverCounter& counter_of(const Delivery& delivery);

/// (observer, action, entity key); for strict sequences (observer, entity key); "" when unordered.
std::string ordering_key(const PreparedObserver& observer, const PreparedAction& action,
                         const Event& event);

}  // namespace observerd::delivery
