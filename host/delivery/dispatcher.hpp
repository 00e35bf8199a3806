#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.hpp"
#include "delivery/budget.hpp"
#include "delivery/module_runner.hpp"
#include "delivery/order_gate.hpp"
#include "delivery/retry_policy.hpp"
#include "delivery/settler.hpp"
#include "delivery/work.hpp"
#include "source/source.hpp"
#include "telemetry/log.hpp"

namespace observerd::delivery {

struct DispatcherOptions {
  int shards = 4;
  std::size_t queue_events = 10'000;
  std::size_t queue_bytes = 64u << 20;
  Uuid installation;
};

/// The middle of the host: makes deliveries of the rows that the source reads, hands them to the
/// lanes, decides what becomes of every outcome, and settles each event when all that it caused is
/// delivered, scheduled, dead-lettered or logged. Thread-safe; on_outcome and on_dropped never
/// block.
class Dispatcher final : public source::RowSink, public OutcomeSink {
 public:
  Dispatcher(std::shared_ptr<const Plan> plan, const DispatcherOptions& options, const Clock& clock,
             telemetry::Log& log);
  /// Before any row comes.
  void connect(Settler& settler) { settler_ = &settler; }

  // source::RowSink
  Status on_acquired(int shard, std::uint64_t lease, postgres::Connection& connection) override;
  bool on_rows(int shard, std::uint64_t lease, std::vector<source::OutboxRow> rows) override;
  void on_lost(int shard, std::uint64_t lease) override;

  // OutcomeSink
  void on_outcome(DeliveryPtr delivery, plugin::ItemResult result, Milliseconds took) override;
  bool may_deliver(const Delivery& delivery) override;
  bool may_go_on() override;
  void on_dropped(DeliveryPtr delivery) override;

  /// A delivery that is due again. The caller holds its id in `in_flight` until it is settled.
  void deliver_parked(store::Parked parked, std::uint64_t lease);
  /// The lease under which this host works on a shard, 0 when it does not.
  std::uint64_t lease(int shard) const;
  /// Delivery ids of the schedule that are under way in this process.
  std::vector<Uuid> parked_in_flight(int shard) const;
  /// Lanes with so many parked deliveries under way that more would only queue: a dead destination
  /// must not fill the places of the others.
  std::vector<std::string> full_lanes(std::size_t most) const;
  /// Ordering keys of a shard whose parked delivery has ended: the database may have nothing left
  /// of them, and then they may run freely again (see OrderGate::release).
  std::vector<std::string> take_maybe_free(int shard);
  void add_maybe_free(int shard, std::string key);
  OrderGate& gate() { return gate_; }

  /// Readers that wait for room give up, and nothing is launched any more.
  void close();
  /// Events and parked deliveries that are not settled yet.
  std::size_t under_way() const;

 private:
  class ParkedHold;
  /// Deliveries that became free to go while another was handled; launched by run(), one after the
  /// other, so that a long row of failures does not nest.
  using Ready = std::deque<DeliveryPtr>;

  void begin(std::shared_ptr<const Event> event, std::uint64_t lease, std::shared_ptr<void> hold);
  void run(Ready ready);
  void start_action(std::shared_ptr<EventWork> work, const PreparedObserver& observer,
                    std::size_t index, Ready& ready);
  void launch(DeliveryPtr delivery, Ready& ready);
  void park_behind(DeliveryPtr delivery, Ready& ready);
  void park(Delivery& delivery, store::ParkState state, WallTime due, std::string reason);
  void fail(Delivery& delivery, Code code, const std::string& error_code,
            const std::string& message, store::Attempt attempt);
  void finish(DeliveryPtr delivery, Verdict::Kind kind, Ready& ready);
  void finish_scheduled(Delivery& delivery, Verdict::Kind kind);
  void drop(const Delivery& delivery, Ready& ready);
  void close_work(const std::shared_ptr<EventWork>& work);
  void settle_bad_row(const source::OutboxRow& row, std::uint64_t lease, const Status& problem);
  void report_condition_error(const matcher::Undecided& undecided, const Event& event);
  store::Parked to_parked(const Delivery& delivery) const;
  bool logs_event(const EventWork& work) const;

  const std::shared_ptr<const Plan> plan_;
  const DispatcherOptions options_;
  const Clock& clock_;
  telemetry::Log& log_;
  Settler* settler_ = nullptr;
  Budget budget_;
  OrderGate gate_;
  std::vector<std::atomic<std::uint64_t>> leases_;
  std::atomic<bool> closed_{false};

  mutable std::mutex parked_mutex_;
  std::vector<std::unordered_set<Uuid>> parked_in_flight_;
  std::unordered_map<std::string, std::size_t> parked_by_lane_;
  std::vector<std::vector<std::string>> maybe_free_;

  std::mutex errors_mutex_;
  std::unordered_map<std::size_t, SteadyTime> condition_error_logged_;
};

}  // namespace observerd::delivery
