#pragma once

#include <optional>
#include <random>
#include <vector>

#include "base/clock.hpp"
#include "postgres/connection.hpp"
#include "source/reclaim.hpp"
#include "source/segments.hpp"

namespace observerd::source {

struct MaintenanceOptions {
  std::int64_t segment_bytes = 0;  ///< a current segment of this size is left …
  Milliseconds segment_age{0};     ///< … and one whose oldest row is this old
};

/// Keeps the outbox short: moves writers on to an empty segment, truncates consumed ones. One host
/// at a time, by an advisory lock that is held for a round; the others only look. Nothing that it
/// does makes a reader or a writer wait, but for the moment of a truncation. Not thread-safe.
class Maintenance {
 public:
  Maintenance(const MaintenanceOptions& options, std::uint32_t seed)
      : options_(options), random_(seed) {}

  /// One round. The session has pinned its plans (pin_session). Errors are those of the connection
  /// and of missing rights.
  Result<OutboxState> round(postgres::Connection& connection);

 private:
  Status look(postgres::Connection& connection);
  bool anything_to_do() const;
  Status tidy(postgres::Connection& connection);
  Result<Reclaim> reclaim_patiently(postgres::Connection& connection, int segment);
  bool due_for_rotation(const Segment& segment) const;

  const MaintenanceOptions options_;
  std::minstd_rand random_;
  OutboxState state_;
  SteadyTime may_wait_from_{};  // for a lock that others hold
  SteadyTime judge_from_{};     // the next proof that may take long
};

}  // namespace observerd::source
