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
#include <vector>

#include "base/clock.hpp"
#include "delivery/work.hpp"
#include "plugin/module.hpp"
#include "telemetry/log.hpp"

namespace observerd::delivery {

/// Gets every delivery back with what became of it. Called from any thread; must not block.
class OutcomeSink {
 public:
  virtual ~OutcomeSink() = default;
  virtual void on_outcome(DeliveryPtr delivery, plugin::ItemResult result, Milliseconds took) = 0;
  /// Just before a try: false when the delivery must not go out any more (its lease is gone).
  virtual bool may_deliver(const Delivery& delivery) = 0;
  /// False while so much waits to be written down that nothing more should go out: a crash now
  /// would repeat all of it.
  virtual bool may_go_on() = 0;
  /// A delivery that was not tried: may_deliver said no, or the runner is stopping.
  virtual void on_dropped(DeliveryPtr delivery) = 0;
};

/// Runs the deliveries of one plugin module: a lane per destination, each with a queue and a limit
/// of its own, served round robin so that a busy or dead destination does not hold up the others;
/// worker threads that call the plugin; a watchdog that keeps the deadlines. Thread-safe.
///
/// A call that is not over by its deadline is cancelled; at deadline + grace it is given up: its
/// items come back Unknown, and a thread that is stuck inside the plugin is abandoned and replaced.
class ModuleRunner : public std::enable_shared_from_this<ModuleRunner> {
 public:
  static std::shared_ptr<ModuleRunner> start(std::shared_ptr<plugin::Module> module,
                                             OutcomeSink& sink, telemetry::Log& log);
  ~ModuleRunner();
  ModuleRunner(const ModuleRunner&) = delete;
  ModuleRunner& operator=(const ModuleRunner&) = delete;

  void enqueue(DeliveryPtr delivery);
  /// Drops what is queued, gives what runs until `deadline`, then cancels it and gives it up after
  /// the grace. Joins every thread that is not stuck inside the plugin: false when one is, then
  /// the sink must outlive the process's other parts. Call it once.
  bool stop(SteadyTime deadline);

  struct LaneState {
    std::string key;
    std::size_t queued = 0;
    std::size_t in_flight = 0;
    bool paused = false;
  };
  std::vector<LaneState> lanes() const;

 private:
  struct Lane;
  struct Running;
  struct Worker;
  struct Batch;
  using LaneMap = std::map<std::string, Lane>;

  ModuleRunner(std::shared_ptr<plugin::Module> module, OutcomeSink& sink, telemetry::Log& log);
  void spawn_worker();
  void work(const std::shared_ptr<Worker>& worker);
  void watch();
  std::optional<Batch> take_batch(std::vector<DeliveryPtr>& dropped, SteadyTime& wait_until);
  void call(Batch batch, const std::shared_ptr<Worker>& worker);
  void on_report(const std::shared_ptr<Running>& running, std::uint32_t index,
                 plugin::ItemResult result);
  void list_if_ready(LaneMap::iterator lane);
  void forget_if_idle(LaneMap::iterator lane);
  void take_queued(std::vector<DeliveryPtr>& queued);
  std::vector<std::shared_ptr<Running>> overdue(SteadyTime now, bool given_up);

  const std::shared_ptr<plugin::Module> module_;
  OutcomeSink& sink_;
  telemetry::Log& log_;
  const std::size_t max_batch_;
  const std::size_t max_calls_;

  mutable std::mutex mutex_;
  std::condition_variable work_;  ///< something may have become ready
  std::condition_variable watchdog_wake_;
  std::condition_variable idle_;  ///< a call is over
  LaneMap lanes_;
  std::deque<LaneMap::iterator> ready_;  ///< lanes with something to do, in turn
  std::list<std::shared_ptr<Running>> running_;
  std::vector<std::shared_ptr<Worker>> workers_;
  std::thread watchdog_;
  bool stopping_ = false;
  bool stopped_ = false;
  bool stuck_ = false;  ///< every thread it may have is stuck inside the plugin
};

}  // namespace observerd::delivery
