#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "delivery/alerter.hpp"
#include "delivery/budget.hpp"
#include "delivery/holds.hpp"
#include "delivery/module_runner.hpp"
#include "delivery/observer_counts.hpp"
#include "delivery/order_gate.hpp"
#include "delivery/parked_tracker.hpp"
#include "delivery/pause.hpp"
#include "delivery/retry_policy.hpp"
#include "delivery/settler.hpp"
#include "delivery/work.hpp"
#include "source/source.hpp"
#include "store/waiting.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace observerd::delivery {

struct DispatcherOptions {
  int shards = 4;
  std::size_t queue_events = 10'000;
  std::size_t queue_bytes = 64u << 20;
  config::Overflow overflow = config::Overflow::Block;
  Uuid installation;
  telemetry::Metrics* metrics = nullptr;  ///< must outlive the dispatcher; may be nullptr
  /// Told once when a plugin says that the only destination of an action is no more. The action
  /// counts as paused in this process from then on, until it has been among the pauses of
  /// set_pauses and is among them no more, or a reload finds it not among them. Called on any
  /// thread, a plugin's too: it must not block. May be empty.
  std::function<void(const std::string& observer, const std::string& action,
                     const std::string& reason)>
      on_gone;
};

/// The middle of the host: makes deliveries of the rows that the source reads, hands them to the
/// lanes, decides what becomes of every outcome, and settles each event when all that it caused is
/// delivered, scheduled, held, dead-lettered or logged. Thread-safe; on_outcome, on_held and
/// on_dropped never block.
class Dispatcher final : public source::RowSink, public OutcomeSink {
 public:
  Dispatcher(std::shared_ptr<const Plan> plan, const DispatcherOptions& options, const Clock& clock,
             telemetry::Log& log);
  ~Dispatcher() override;
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;
  /// Before any row comes.
  void connect(Settler& settler);

  // source::RowSink
  Status on_acquired(int shard, std::uint64_t lease, postgres::Connection& connection) override;
  bool on_rows(int shard, std::uint64_t lease, std::vector<source::OutboxRow> rows) override;
  void on_lost(int shard, std::uint64_t lease) override;
  /// What is under way of the schedule is not in the ledger: the next host would repeat it.
  bool may_leave(int shard, std::uint64_t lease) override;

  // OutcomeSink
  void on_outcome(DeliveryPtr delivery, plugin::ItemResult result, Milliseconds took) override;
  bool may_deliver(const Delivery& delivery) override;
  bool may_go_on() override;
  void on_dropped(DeliveryPtr delivery) override;
  void on_held(DeliveryPtr delivery, const Hold& hold) override;

  // Control.
  /// Replaces all pauses. Deliveries that are paused go to the schedule, held; what is not paused
  /// any more is released from there by the retry loop within a second.
  void set_pauses(std::vector<Pause> pauses) { holds_.set_pauses(std::move(pauses)); }
  /// New events, and what comes due in the schedule, use this plan from now on; what has begun ends
  /// with the one it began with. A weak_ptr to the old plan expires when nothing uses it any more:
  /// only then may runners that only it names be stopped. What plugins had reported as
  /// misconfigured or gone is tried again unless it is paused.
  void replace_plan(std::shared_ptr<const Plan> plan);
  std::shared_ptr<const Plan> plan() const { return active()->plan; }
  /// Closes the breaker of a lane, by its name or its key, ends a break of it, and tries again what
  /// was reported of it as misconfigured or gone. False when no lane is called so now.
  bool resume_lane(const std::string& lane);

  // Seeing.
  /// Of every runner that the current plan names.
  std::vector<LaneState> lanes() const;
  std::vector<ObserverCounts> observer_counts() const;
  /// Events given up because the queues were full.
  std::uint64_t dropped() const { return dropped_; }
  /// Events and deliveries of the schedule that are not settled yet, and alerts under way.
  std::size_t under_way() const;

  // For the retry loop.
  /// A delivery that is due again; it is among parked().in_flight() until it is settled.
  void deliver_parked(store::Parked parked, std::uint64_t lease);
  /// The lease under which this host works on a shard, 0 when it does not.
  std::uint64_t lease(int shard) const;
  ModuleRunner::ClosedLanes closed_lanes() const;
  /// How many of the group may be made due now; 0 while its cause is there. `orphan_reason` is set
  /// when its action is not there any more: then they are to become orphans.
  std::size_t releasable(const store::WaitingGroup& group, const ModuleRunner::ClosedLanes& lanes,
                         std::size_t most, std::string& orphan_reason) const;
  OrderGate& gate() { return gate_; }
  ParkedTracker& parked() { return parked_; }

  /// Readers that wait for room give up, and nothing is launched any more.
  void close();

 private:
  /// Deliveries that became free to go while another was handled; launched by run(), one after the
  /// other, so that a long row of failures does not nest, and handed to the runners together.
  struct Ready {
    struct Send {
      std::shared_ptr<ModuleRunner> runner;
      std::vector<DeliveryPtr> deliveries;
    };
    // In turn from `next` on. No deque: most rounds have one or two, and a deque allocates for
    // none.
    std::vector<DeliveryPtr> waiting;
    std::size_t next = 0;
    std::vector<Send> sends;

    void push_back(DeliveryPtr delivery) { waiting.push_back(std::move(delivery)); }
    void send(const std::shared_ptr<ModuleRunner>& runner, DeliveryPtr delivery);
  };

  std::shared_ptr<const ActivePlan> active() const;
  void for_each_runner(const std::function<void(ModuleRunner&)>& visit) const;
  static void limit_lanes(const Plan& plan);

  void begin(const std::shared_ptr<const ActivePlan>& plan, std::shared_ptr<const Event> event,
             std::uint64_t lease, std::shared_ptr<void> hold, Ready& ready);
  void match(const ActivePlan& plan, const Event& event, std::vector<std::size_t>& fired);
  void report_condition_error(const ActivePlan& plan, const matcher::Undecided& undecided,
                              const Event& event);
  void settle_bad_row(const source::OutboxRow& row, std::uint64_t lease, const Status& problem);

  // What happens when the queues are full (dispatcher_overflow.cpp).
  /// The hold of a new event; `drop` when it has to be given up. nullptr when stopping. What is
  /// `ready` goes before anything is waited for.
  std::shared_ptr<void> admit(std::size_t bytes, bool& drop, Ready& ready);
  bool make_room(std::size_t bytes);
  bool give_up_oldest();
  void drop_event(const std::shared_ptr<const ActivePlan>& plan, std::shared_ptr<const Event> event,
                  std::uint64_t lease, std::size_t bytes);
  /// True when the event had not been given up before.
  bool note_dropped(EventWork& work);
  std::shared_ptr<void> hold_in(Budget& budget, std::size_t bytes);

  /// Leaves it empty.
  void run(Ready& ready);
  void start_action(const std::shared_ptr<const ActivePlan>& plan, std::shared_ptr<EventWork> work,
                    const PreparedObserver& observer, std::size_t index, Ready& ready);
  void launch(DeliveryPtr delivery, Ready& ready);
  std::optional<Hold> why_held(const Delivery& delivery);
  std::optional<Hold> why_lane_held(const Delivery& delivery);
  void hold(DeliveryPtr delivery, const Hold& hold, Ready& ready);
  void park_behind(DeliveryPtr delivery, Ready& ready);
  void park(Delivery& delivery, store::ParkState state, WallTime due, std::string reason);
  void fail(Delivery& delivery, Code code, const std::string& error_code,
            const std::string& message, store::Attempt attempt);
  void again(Delivery& delivery, const Verdict& verdict, const plugin::ItemResult& result,
             store::Attempt attempt, std::vector<telemetry::Log::Field> fields);
  void hold_for_person(Delivery& delivery, Milliseconds delay, const plugin::ItemResult& result,
                       std::vector<telemetry::Log::Field> fields);
  void park_reported(Delivery& delivery, Holds::Added added, WallTime next, std::string reason);
  void finish(DeliveryPtr delivery, Verdict::Kind kind, Ready& ready);
  void finish_scheduled(Delivery& delivery, Verdict::Kind kind);
  void alert_of_hold(const Delivery& delivery, const std::string& code, const std::string& message);
  void skip_rest(const Delivery& delivery);
  void finish_alert(const Delivery& alert, const std::string& failure);
  void drop(const Delivery& delivery, Ready& ready);
  void close_work(const std::shared_ptr<EventWork>& work, const ActivePlan& plan);
  void send_alerts(const EventWork& work);
  bool logs_event(const EventWork& work, const ActivePlan& plan) const;

  const DispatcherOptions options_;
  const Clock& clock_;
  telemetry::Log& log_;
  Settler* settler_ = nullptr;

  mutable std::mutex active_mutex_;
  std::shared_ptr<const ActivePlan> active_;

  Budget budget_;
  Budget dropping_;  ///< events that were given up and are not written down yet
  OrderGate gate_;
  Holds holds_;
  ParkedTracker parked_;
  Alerter alerter_;
  std::vector<std::atomic<std::uint64_t>> leases_;
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::size_t> alerts_{0};  ///< under way
  std::atomic<bool> closed_{false};

  std::mutex log_mutex_;  ///< of what is logged at a limited rate
  std::unordered_map<std::string, SteadyTime> condition_error_logged_;
  SteadyTime overflow_logged_{};
  std::uint64_t overflow_told_ = 0;
};

}  // namespace observerd::delivery
