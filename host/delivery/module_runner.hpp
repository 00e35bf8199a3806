#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "delivery/lane.hpp"
#include "delivery/lane_limits.hpp"
#include "delivery/lane_state.hpp"
#include "delivery/work.hpp"
#include "plugin/module.hpp"
#include "telemetry/log.hpp"

namespace observerd::delivery {

/// Gets every delivery back with what became of it. Called from any thread; must not block.
class OutcomeSink {
 public:
  virtual ~OutcomeSink() = default;
  /// `took`: the time the plugin had it.
  virtual void on_outcome(DeliveryPtr delivery, plugin::ItemResult result, Milliseconds took) = 0;
  /// Just before a try: false when the delivery must not go out any more (its lease is gone).
  virtual bool may_deliver(const Delivery& delivery) = 0;
  /// False while so much waits to be written down that nothing more should go out: a crash now
  /// would repeat all of it.
  virtual bool may_go_on() = 0;
  /// A delivery that was not tried: may_deliver said no, or the runner is stopping.
  virtual void on_dropped(DeliveryPtr delivery) = 0;
  /// A delivery that was not tried because it would have to wait long: it waits better elsewhere.
  virtual void on_held(DeliveryPtr delivery, const Hold& hold) = 0;
};

/// Runs the deliveries of one plugin module: a lane per destination, each with a queue, a limit and
/// a circuit breaker of its own, served round robin so that a busy or dead destination does not
/// hold up the others; worker threads that call the plugin; a watchdog that keeps the deadlines.
/// Thread-safe.
///
/// A call that is not over by its deadline is cancelled; at deadline + grace it is given up: its
/// items come back Unknown, and a thread that is stuck inside the plugin is abandoned and replaced.
///
/// Deliveries for a lane that is open, that has asked for a long break, or beyond what an action's
/// rate allows in the next seconds come back by on_held at once: nothing waits here for long.
class ModuleRunner : public std::enable_shared_from_this<ModuleRunner> {
 public:
  /// `name`: of the module, "" for the type's own.
  static std::shared_ptr<ModuleRunner> start(std::shared_ptr<plugin::Module> module,
                                             OutcomeSink& sink, telemetry::Log& log,
                                             std::string name = "");
  ~ModuleRunner();
  ModuleRunner(const ModuleRunner&) = delete;
  ModuleRunner& operator=(const ModuleRunner&) = delete;

  void enqueue(std::vector<DeliveryPtr> deliveries);
  /// What the plan in force lets go to each lane at a time, also to those that are busy. Of a lane
  /// that it does not know its deliveries say so themselves, and the largest counts.
  void limit_lanes(LaneLimits limits);
  /// Drops what is queued, gives what runs until `deadline`, then cancels it and gives it up after
  /// the grace. Joins every thread that is not stuck inside the plugin: false when one is, then
  /// the sink must outlive the process's other parts. Other runners are not touched. Calling it
  /// again gives the same answer.
  bool stop(SteadyTime deadline);
  /// Nothing is queued and nothing runs. Once no delivery of a plan that names this runner is left
  /// (the plan's weak_ptr has expired) it stays so, and the runner can be stopped.
  bool idle() const;

  std::vector<LaneState> lanes() const;
  /// Closes the breaker of a lane and ends a break that the destination has asked for. `lane` is
  /// its name or its key. False when there is no such lane now.
  bool resume_lane(const std::string& lane);

  /// Lanes that take nothing now, by name; and which of these would take one delivery as a probe.
  struct ClosedLanes {
    std::vector<std::string> closed;
    std::vector<std::string> probes;
  };
  void add_closed_lanes(ClosedLanes& lanes) const;
  /// How many deliveries of this action its rate lets wait here; a large number without a rate.
  std::size_t room(const std::string& observer, const PreparedAction& action) const;
  /// The queued delivery whose event came first, and when that was; SteadyTime::max() for none.
  SteadyTime oldest_queued() const;
  /// nullptr when nothing is queued.
  DeliveryPtr take_oldest();

 private:
  struct Running;
  struct Worker;
  struct Batch;
  using LaneMap = std::map<std::string, Lane>;
  /// Deliveries on their way back to the sink, which is called without the lock.
  struct HandBack {
    std::vector<DeliveryPtr> dropped;
    std::vector<std::pair<DeliveryPtr, Hold>> held;
    bool empty() const { return dropped.empty() && held.empty(); }
  };

  ModuleRunner(std::shared_ptr<plugin::Module> module, OutcomeSink& sink, telemetry::Log& log,
               std::string name);
  void spawn_worker();
  void admit(DeliveryPtr delivery, SteadyTime now, HandBack& back);
  void work(const std::shared_ptr<Worker>& worker);
  void watch();
  std::optional<Batch> take_batch(HandBack& back, SteadyTime& wait_until);
  void fill(Batch& batch, HandBack& back, SteadyTime now, SteadyTime& wait_until);
  void call(Batch batch, const std::shared_ptr<Worker>& worker);
  void on_report(const std::shared_ptr<Running>& running, std::uint32_t index,
                 plugin::ItemResult result);
  void note(CircuitBreaker::Change change, const std::string& name, Lane& lane,
            const Delivery& delivery, HandBack& back);
  void give_back(HandBack back);
  bool may_call(const Lane& lane) const;
  void set_limit(LaneMap::iterator lane);
  void list_if_ready(LaneMap::iterator lane);
  void forget_if_idle(LaneMap::iterator lane);
  void forget_idle_lanes();
  std::shared_ptr<ActionRate> rate_of(const std::string& observer, const PreparedAction& action);
  void take_queued(std::vector<DeliveryPtr>& queued);
  std::vector<std::shared_ptr<Running>> overdue(SteadyTime now, bool given_up);
  void abandon(const std::shared_ptr<Worker>& worker, std::vector<DeliveryPtr>& refused);

  const std::shared_ptr<plugin::Module> module_;
  OutcomeSink& sink_;
  telemetry::Log& log_;
  const std::string name_;
  const std::size_t max_batch_;
  const std::size_t max_calls_;

  mutable std::mutex mutex_;
  std::condition_variable work_;  ///< something may have become ready
  std::condition_variable watchdog_wake_;
  std::condition_variable idle_;  ///< a call is over
  LaneMap lanes_;
  LaneLimits limits_;
  std::size_t sweep_at_;                 ///< so many lanes, and the idle ones are forgotten
  std::deque<LaneMap::iterator> ready_;  ///< lanes with something to do, in turn
  /// By "OBSERVER/ACTION"; kept over a reload as long as the rate is the same.
  std::map<std::string, std::shared_ptr<ActionRate>> rates_;
  std::list<std::shared_ptr<Running>> running_;
  std::size_t calls_ = 0;  ///< batches that a worker has taken; running_ has them a little later
  std::vector<std::shared_ptr<Worker>> workers_;
  std::thread watchdog_;
  std::mutex stop_mutex_;  ///< one stop() at a time
  std::optional<bool> stop_result_;
  bool stopping_ = false;
  bool stopped_ = false;
  bool stuck_ = false;  ///< every thread it may have is stuck inside the plugin
};

}  // namespace observerd::delivery
