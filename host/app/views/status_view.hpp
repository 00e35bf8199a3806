#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "config/settings.hpp"
#include "postgres/connection.hpp"
#include "source/progress.hpp"
#include "source/segments.hpp"
#include "store/control.hpp"
#include "store/store.hpp"

/// How delivery is going, as the database shows it: what `observerd status --json` prints, the HTTP
/// API answers and the metrics are made of. The shape is in config/schema/status.json.
namespace observerd::app::views {

struct StatusReport {
  /// A host that lives shows itself each second. One that is connected and has not done so for this
  /// long has stalled: its process stands still, or it cannot write.
  static constexpr double kSilentSeconds = 60;
  /// Lag that is worth a word, and no stall by itself.
  static constexpr double kLongLagSeconds = 60;

  std::vector<source::ShardProgress> shards;
  std::vector<source::Segment> segments;
  store::StoreCounts counts;
  std::vector<store::HostRow> hosts;  ///< that are running
  std::int64_t waiting = 0;           ///< events not read; a huge backlog is not counted to its end
  std::int64_t unsettled = 0;         ///< read and under way
  double oldest_seconds = 0;          ///< age of the oldest event of both
  std::vector<std::string> problems;  ///< a sentence each
  /// Every shard is read by somebody, and no host has stalled: see Movement.
  bool moving = false;

  std::int64_t outbox_bytes() const;
};

/// With `settings` the problems name observers of theirs that no event can reach. One connection,
/// so one thread at a time.
Result<StatusReport> read_status(postgres::Connection& connection,
                                 const config::Settings* settings = nullptr);
json::Value to_json(const StatusReport& report);

/// "current" (written to), "empty", "reclaimable" (all of it is consumed) or "kept".
const char* segment_state(const source::Segment& segment);

}  // namespace observerd::app::views
