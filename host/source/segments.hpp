#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/status.hpp"
#include "postgres/connection.hpp"

namespace observerd::source {

/// How many the outbox has (migrations/02_create_outbox.sql).
inline constexpr int kSegments = 4;

/// One segment of the outbox: a partition that is truncated as a whole once it is consumed.
struct Segment {
  int number = 0;
  std::string name;        ///< of the partition, "outbox_2"
  bool current = false;    ///< where writers write now
  std::int64_t bytes = 0;  ///< on disk, with indexes and TOAST
  bool empty = true;       ///< no row was written to it since it was truncated
  /// At most so many rows: the span of the ids in it, which other segments and rolled back
  /// transactions share.
  std::int64_t rows_at_most = 0;
  double oldest_seconds = 0;  ///< age of its oldest row; 0 when there is none
  bool reclaimable = false;   ///< not current, not empty, and every row is consumed
  std::string kept_because;   ///< why it is not reclaimable, a clause without a full stop; else ""
};

/// All of the outbox at one moment.
struct OutboxState {
  std::vector<Segment> segments;         ///< by number
  std::optional<WallTime> last_reclaim;  ///< by any host; nullopt when there never was one
  std::string problem;                   ///< why this host does not look after it, or empty
};

/// The segments by number, as the database shows them; for commands, which do not ask the daemon.
Result<std::vector<Segment>> segments(postgres::Connection& connection);

/// When a segment was last truncated, by any host; nullopt when none ever was.
Result<std::optional<WallTime>> last_reclaim(postgres::Connection& connection);

// The parts of the above, inside a transaction of the caller's.

/// segments() without `reclaimable` and `kept_because`, which cost more: one statement.
Result<std::vector<Segment>> read_segments(pqxx::transaction_base& transaction,
                                           const postgres::Connection& connection);
/// Fills in those two. The session has pinned its plans.
Status judge_segments(pqxx::transaction_base& transaction, const postgres::Connection& connection,
                      std::vector<Segment>& segments);

std::optional<WallTime> read_last_reclaim(pqxx::transaction_base& transaction,
                                          const postgres::Connection& connection);

/// The quoted name of a segment's table.
std::string segment_table(const postgres::Connection& connection, int number);

}  // namespace observerd::source
