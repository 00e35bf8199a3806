#pragma once

#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "check/frame.hpp"
#include "check/isolation.hpp"
#include "check/stage.hpp"
#include "plugin/candidate.hpp"

namespace observerd::check {

/// What the code that runs in the test process gives back.
struct Answer {
  std::string payload;
  bool leave_by_exit = false;  ///< with exit(), so that exit handlers run, instead of _exit()
};
using Body = std::function<Answer()>;

struct ChildOptions {
  std::chrono::milliseconds limit{20'000};
  bool share_network = false;
  int keep = -1;  ///< a descriptor that the test process keeps besides its own
};

/// How a test process ended.
struct Ending {
  std::optional<std::string> payload;  ///< nothing unless everything went as it must
  std::string problem;                 ///< else one sentence that says what went wrong
  std::vector<std::string> details;    ///< what it was doing, what it wrote to stderr
  int left_behind = 0;                 ///< processes that it started and did not end
  Isolation isolation;
  std::chrono::milliseconds took{0};
};

/// One body that runs in a process of its own, watched. Three processes stand below this one: the
/// guardian (number 1 of the namespace, or subreaper) inherits and ends whatever is left behind;
/// the watcher waits for the test process, so that what a plugin does to its parent is done to
/// none that matters; the test process runs the body. An answer counts only when all three ended
/// as they should and the pipe holds exactly one frame. Used by one thread of a process that has no
/// other.
class Child {
 public:
  /// `stage` is what the body writes its progress to.
  static Result<std::unique_ptr<Child>> start(const Body& body, const ChildOptions& options,
                                              std::shared_ptr<Stage> stage);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void add_to(std::vector<pollfd>& polled) const;
  std::chrono::steady_clock::time_point deadline() const { return deadline_; }
  /// Takes up what has arrived. True once it is over.
  bool advance();
  /// Ends what still runs and says how it went. Once.
  Ending finish();
  pid_t guardian() const { return guardian_; }

 private:
  Child(const ChildOptions& options, std::shared_ptr<Stage> stage);
  std::string judge(std::optional<std::string>& payload, int& left_behind) const;
  std::string said_on_stderr() const;

  const Nonce nonce_ = random_nonce();
  const std::chrono::milliseconds limit_;
  const std::chrono::steady_clock::time_point started_;
  const std::chrono::steady_clock::time_point deadline_;
  const std::shared_ptr<Stage> stage_;
  plugin::Descriptor result_, status_, errors_;
  pid_t guardian_ = -1;
  Isolation isolation_;
  std::string result_bytes_, status_bytes_;
  bool timed_out_ = false;
};

/// The children of this process that have not been waited for.
std::vector<pid_t> own_children();
/// Makes this process inherit what its children leave behind.
void adopt_orphans();
/// Ends and reaps the children of this process except those that are `known`; returns how many
/// there were. Nothing of one test may run on beside the others.
int end_orphans(const std::vector<pid_t>& known);

}  // namespace observerd::check
