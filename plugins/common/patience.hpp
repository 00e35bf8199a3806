#pragma once

#include <functional>

#include "base/clock.hpp"

namespace observerd::common {

/// How long something may take, and what ends it earlier.
struct Patience {
  SteadyTime deadline;
  int cancel_fd = -1;                    ///< readable once it is to end; -1 when there is none
  int stop_fd = -1;                      ///< likewise
  std::function<bool()> cancelled = {};  ///< asked as well, as cancel_fd may be missing

  bool is_cancelled() const { return cancelled && cancelled(); }
};

/// What waiting for a socket came to.
enum class Wait : unsigned char { Ready, TimedOut, Cancelled };
/// `events` as for poll(2). A socket that is broken is Ready: reading says how.
Wait wait_for(int socket, short events, const Patience& patience);

}  // namespace observerd::common
