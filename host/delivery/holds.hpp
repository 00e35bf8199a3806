#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
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

/// Which actions must not be tried now, whatever their destination: paused by a person, reported
/// GONE by the plugin, or MISCONFIGURED. A misconfigured one is looked at again when its time has
/// come, with a single delivery. Thread-safe; without any hold a look is one atomic read.
class Holds {
 public:
  enum class Gate : unsigned char {
    Open,
    Probe,  ///< one delivery may go, to see whether the cause is gone
    Closed
  };

  /// Replaces the pauses. What was reported gone and has been among the pauses since is forgotten
  /// when it is among them no more: a person has resumed it.
  void set_pauses(std::vector<Pause> pauses);
  /// True when this is news.
  bool add_gone(const std::string& observer, const std::string& action, const std::string& reason);
  /// Again with a later `until` when it is misconfigured still. True when this is news.
  bool add_misconfigured(const std::string& observer, const std::string& action,
                         const std::string& reason, SteadyTime until);
  /// A try came to another end.
  void end_misconfigured(const std::string& observer, const std::string& action);
  /// What plugins reported is forgotten where no pause has taken it over: the configuration has
  /// changed.
  void forget_reports();

  /// Why a delivery has to wait; nullopt when it may go. May let a probe through, and then none
  /// before `probe_time` is over: should its outcome be lost, there is another one after that.
  std::optional<Hold> check(const std::string& observer, const std::string& action, SteadyTime now,
                            Milliseconds probe_time);
  /// The same without letting anything through.
  Gate look(const std::string& observer, const std::string& action, SteadyTime now) const;

 private:
  using Name = std::pair<std::string, std::string>;
  struct Gone {
    std::string reason;
    bool paused = false;  ///< it has been among the pauses
  };
  struct Misconfigured {
    std::string reason;
    SteadyTime until;
  };

  const std::string* pause(const Name& name) const;
  void note_any();

  std::atomic<bool> any_{false};
  mutable std::mutex mutex_;
  std::map<Name, std::string> pauses_;
  std::map<Name, Gone> gone_;
  std::map<Name, Misconfigured> misconfigured_;
};

}  // namespace observerd::delivery
