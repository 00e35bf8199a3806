#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "delivery/pause.hpp"
#include "store/records.hpp"

namespace observerd::delivery {

/// Why a delivery waits in the schedule.
struct Hold {
  store::HoldCause cause = store::HoldCause::Paused;
  std::string detail;  ///< for people
};

/// What a plugin's report holds: an action or, where its destinations are rendered, one lane of it.
struct HoldScope {
  std::string observer;
  std::string action;
  std::string lane;  ///< "" for the whole action; else as store::cut_lane has it

  bool operator<(const HoldScope& other) const {
    return std::tie(observer, action, lane) < std::tie(other.observer, other.action, other.lane);
  }
};

/// What must not be tried now: actions that are paused by a person, and what the plugin has
/// reported as GONE or MISCONFIGURED. What is misconfigured is looked at again when its time has
/// come, with a single delivery. Thread-safe; any() is one atomic read.
class Holds {
 public:
  enum class Gate : unsigned char {
    Open,
    Probe,  ///< one delivery may go, to see whether the cause is gone
    Closed
  };

  /// False: nothing is held, and none of the looks below is needed.
  bool any() const { return any_; }

  /// Replaces the pauses. What was reported gone and has been among the pauses since is forgotten
  /// when it is among them no more: a person has resumed it.
  void set_pauses(std::vector<Pause> pauses);
  enum class Added : unsigned char {
    News,
    Known,
    NoRoom  ///< not held: events say which lanes there are, and must not fill the memory with them
  };
  Added add_gone(const HoldScope& scope, const std::string& reason);
  /// Again with a later `until` when it is misconfigured still.
  Added add_misconfigured(const HoldScope& scope, const std::string& reason, SteadyTime until);
  /// A try came to another end.
  void end_misconfigured(const HoldScope& scope);
  /// What plugins reported is forgotten where no pause has taken it over: the configuration has
  /// changed.
  void forget_reports();
  /// The same for one lane, by its name or its key, by order of a person. False: none of it.
  bool forget_lane(const std::string& lane);

  /// Why a delivery has to wait; nullopt when it may go. Of an action its pauses count too; of a
  /// lane only what was reported of it alone. May let a probe through, and then none before
  /// `probe_time` is over: should its outcome be lost, there is another one after that.
  std::optional<Hold> check(const HoldScope& scope, SteadyTime now, Milliseconds probe_time);
  /// Of a lane and its action, without letting anything through.
  Gate look(const HoldScope& scope, SteadyTime now) const;

 private:
  struct Gone {
    std::string reason;
    bool paused = false;  ///< it has been among the pauses
  };
  struct Misconfigured {
    std::string reason;
    SteadyTime until;
  };

  const std::string* pause(const HoldScope& scope) const;
  void note_any();

  std::atomic<bool> any_{false};
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::string> pauses_;
  std::map<HoldScope, Gone> gone_;
  std::map<HoldScope, Misconfigured> misconfigured_;
};

}  // namespace observerd::delivery
