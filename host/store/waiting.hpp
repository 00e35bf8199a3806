#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "postgres/connection.hpp"
#include "store/records.hpp"

namespace observerd::store {

/// Held or orphaned deliveries of a shard that wait for the same things: one action of one
/// observer, and one lane.
struct WaitingGroup {
  std::string observer, action;
  std::string lane;                   ///< cut_lane of it
  ParkState state = ParkState::Held;  ///< or Orphaned

  auto operator<=>(const WaitingGroup&) const = default;
};
/// As much of a lane's name as the schedule is searched by: an index entry has a maximal size.
std::string cut_lane(std::string_view lane);

/// What waits in a shard, without those held for a cause that only a person can judge
/// (HoldCause::Storage). Costs one index step for each group, however many rows it has.
Result<std::vector<WaitingGroup>> waiting_groups(postgres::Connection& connection, int shard);

struct Released {
  int count = 0;
  std::int64_t last = 0;  ///< outbox id of the last one
};
/// Makes the first `limit` deliveries of a group due, or Orphaned with a reason, in the order of
/// events, from outbox id `from` on. A caller that goes on where the last call ended never walks
/// over what it released before, whether that is vacuumed or not.
Result<Released> release_waiting(postgres::Connection& connection, int shard,
                                 const WaitingGroup& group, std::int64_t from, int limit);
Result<Released> orphan_waiting(postgres::Connection& connection, int shard,
                                const WaitingGroup& group, std::string_view reason,
                                std::int64_t from, int limit);

}  // namespace observerd::store
