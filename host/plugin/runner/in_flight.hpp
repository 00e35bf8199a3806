#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "plugin/runner/messages.hpp"
#include "plugin/runner/process.hpp"
#include "plugin/runner/remote_call.hpp"
#include "plugin/runner/suspects.hpp"

namespace observerd::plugin {

/// The batches that a runner has, and what becomes of them when it ends. Gives suspects the runner
/// for themselves. Thread-safe; results are reported without a lock.
class InFlight {
 public:
  using CallPtr = std::shared_ptr<RemoteCall>;
  /// The number by which the runner knows an action.
  using ActionId = std::uint64_t (*)(const BoundAction&);

  /// `most_held`: so many batches that the plugin does not give back end the runner.
  InFlight(ActionId action_id, std::size_t most_held)
      : action_id_(action_id), most_held_(most_held) {}

  /// From here on batches go to that runner; without one they wait.
  void connect(std::shared_ptr<RunnerProcess> runner);
  /// The runner has ended: everything it had is Unknown, or poison. `blame`: whatever it had may be
  /// the cause.
  void disconnect(const std::string& why, bool blame);

  /// Sends the call's items as they may go: together, suspects one by one. Returns when they are
  /// sent, or settled because no runner was there in time; with `wait`, and after a suspect, when
  /// the plugin is through with them.
  void run(const CallPtr& call, SteadyTime deadline, bool wait);
  void cancel(const RemoteCall& call);
  /// Settles what the plugin has of the call. True when the runner has to be ended for it, which is
  /// blamed on the call: a thread is stuck (`synchronous`), or the plugin holds too many batches.
  bool give_up(RemoteCall& call, const std::string& why, bool synchronous);

  /// A Result or Done frame. False when it makes no sense.
  bool take(const Frame& frame);
  /// How many batches are with the plugin although they were given up.
  std::size_t abandoned() const;
  /// Whether any item has come back since the last connect.
  bool progressed() const { return progressed_; }

 private:
  struct Part {
    CallPtr call;
    std::vector<std::uint32_t> indices;  ///< of the call
    std::vector<bool> reported;
    bool alone = false;
  };
  using Parts = std::map<std::uint64_t, Part>;

  bool may_enter(bool alone) const;
  bool enter(std::uint64_t id, Part part, std::string frames, SteadyTime deadline);
  void refuse(const Part& part);
  std::string encode(std::uint64_t id, Part& part, SteadyTime deadline);
  bool take_result(const Frame& frame);
  bool take_done(std::uint64_t id);
  ItemResult blamed(const RemoteCall& call, std::uint32_t index, const std::string& why);

  const ActionId action_id_;
  const std::size_t most_held_;
  Suspects suspects_;
  std::atomic<bool> progressed_{false};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<RunnerProcess> runner_;
  Parts parts_;
  std::uint64_t next_id_ = 1;
  std::size_t waiting_alone_ = 0;  ///< suspects that wait for their turn
  bool taken_alone_ = false;       ///< a suspect has the runner for itself
  std::uint64_t ends_ = 0;         ///< of runners
  std::string last_end_;
};

}  // namespace observerd::plugin
