#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/status.hpp"
#include "postgres/connection.hpp"

namespace observerd::source {

/// How long reclaim() may wait for readers of the segment to let go of it. While it waits, whoever
/// wants to use the segment queues behind it; zero never waits.
using LockPatience = Milliseconds;

struct Reclaim {
  bool done = false;         ///< it was truncated
  bool in_use = false;       ///< the lock was not to be had …
  bool readers = false;      ///< … because of statements that read it and began a moment ago
  std::string kept_because;  ///< when not done: a clause
};

/// Truncates a segment after proving, under its lock, that every row in it is consumed by every
/// shard. That it is in use or still needed is no error. The session has pinned its plans; one
/// caller at a time.
Result<Reclaim> reclaim(postgres::Connection& connection, int segment, LockPatience patience);

/// Makes the next empty segment the current one, when `from` still is. False when there is none, or
/// when another one is current. No row is written, and no writer waits: see README.md, section 7.
Result<bool> rotate(postgres::Connection& connection, int from);

}  // namespace observerd::source
