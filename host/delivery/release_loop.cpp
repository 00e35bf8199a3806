#include "delivery/release_loop.hpp"

#include <algorithm>

namespace observerd::delivery {
namespace {

/// The part of the time that may go into looking for groups: one in so many.
constexpr int kDuty = 20;

}  // namespace

Result<bool> ReleaseLoop::look(postgres::Connection& connection, int shard, Dispatcher& dispatcher,
                               const ModuleRunner::ClosedLanes& lanes, std::size_t most_in_lane) {
  const SteadyTime began = std::chrono::steady_clock::now();
  if (began < next_look_) return false;
  Result<std::vector<store::WaitingGroup>> groups = store::waiting_groups(connection, shard);
  if (!groups) return groups.status();
  const auto took = std::chrono::steady_clock::now() - began;
  next_look_ = began + std::max<std::chrono::nanoseconds>(kInterval, kDuty * took);
  std::erase_if(released_to_, [&](const auto& entry) {
    return std::find(groups->begin(), groups->end(), entry.first) == groups->end();
  });
  bool found = false;
  for (const store::WaitingGroup& group : *groups) {
    std::string orphan_reason;
    std::size_t count = dispatcher.releasable(group, lanes, kBatch, orphan_reason);
    if (dispatcher.parked().in_lane(group.lane) >= most_in_lane) count = 0;
    if (count == 0) continue;
    Result<store::Released> moved = move(connection, shard, group, count, orphan_reason);
    if (!moved) return moved.status();
    if (moved->count == 0) continue;
    found = true;
    // There is more: at once, not at the next look.
    next_look_ = began;
  }
  return found;
}

Result<store::Released> ReleaseLoop::move(postgres::Connection& connection, int shard,
                                          const store::WaitingGroup& group, std::size_t count,
                                          const std::string& orphan_reason) {
  std::int64_t& from = released_to_[group];
  const int limit = static_cast<int>(count);
  Result<store::Released> moved =
      orphan_reason.empty()
          ? store::release_waiting(connection, shard, group, from, limit)
          : store::orphan_waiting(connection, shard, group, orphan_reason, from, limit);
  // At the end it begins anew: rows of earlier events may have come in behind.
  if (moved) from = moved->count < limit ? 0 : moved->last + 1;
  return moved;
}

}  // namespace observerd::delivery
