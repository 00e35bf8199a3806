#pragma once

#include <cstdint>
#include <map>

#include "delivery/dispatcher.hpp"
#include "postgres/connection.hpp"
#include "store/waiting.hpp"

namespace observerd::delivery {

/// Looks at what is held or orphaned in one shard, and makes due, a bounded batch at a time, what
/// may go. The database is asked which groups there are, so nothing is forgotten over a restart or
/// a change of hosts; how often, depends on what asking costs. A group that has to stay costs one
/// step of an index; of a group that may go only as much becomes due as its lane takes, so that
/// nothing has to be held again when the cause comes back. Not thread-safe.
class ReleaseLoop {
 public:
  static constexpr Milliseconds kInterval{250};
  static constexpr std::size_t kBatch = 500;

  /// True when something became due. `most_in_lane`: where so many are under way, nothing more is
  /// made due.
  Result<bool> look(postgres::Connection& connection, int shard, Dispatcher& dispatcher,
                    const ModuleRunner::ClosedLanes& lanes, std::size_t most_in_lane);

 private:
  Result<store::Released> move(postgres::Connection& connection, int shard,
                               const store::WaitingGroup& group, std::size_t count,
                               const std::string& orphan_reason);

  SteadyTime next_look_{};
  /// Up to where a group has been released: what is in front of it was moved on, and walking over
  /// what has not been vacuumed of it would cost more each time.
  std::map<store::WaitingGroup, std::int64_t> released_to_;
};

}  // namespace observerd::delivery
