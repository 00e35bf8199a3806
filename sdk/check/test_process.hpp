#pragma once

#include "check/child.hpp"
#include "check/frame.hpp"

namespace observerd::check {

/// The ends of the pipes that the processes below a Child have.
struct ProcessEnds {
  int result;  ///< frames, written by the test process
  int status;  ///< StatusRecords, written by watcher and guardian
  int errors;  ///< becomes stdout's and stderr's file
};

/// What watcher and guardian say, one record each.
struct StatusRecord {
  enum Kind : std::int32_t { TestEnded = 1, WatcherEnded = 2, LeftBehind = 3 };
  std::int32_t kind;
  std::int32_t value;  ///< a wait status, or a number
};

/// The test process found its result pipe closed or replaced.
inline constexpr int lost_pipe_exit = 71;

/// What the guardian does, from its first breath to its last.
[[noreturn]] void run_guardian(const Body& body, const ChildOptions& options, const Nonce& nonce,
                               const Isolation& isolation, const ProcessEnds& ends);

}  // namespace observerd::check
