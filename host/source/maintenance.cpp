#include "source/maintenance.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "source/locks.hpp"

namespace observerd::source {
namespace {

/// A segment that readers use is free for moments only: look for one that often, …
constexpr int kTries = 20;
constexpr int kLongestPauseMs = 5;
/// … and where readers are too many for that, now and then stand in the queue for this long.
constexpr LockPatience kPatience{50};
constexpr std::chrono::seconds kBetweenWaits{10};
/// Judging may walk over a whole segment; then not more than a twentieth of the time.
constexpr int kRestFactor = 20;

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

Result<OutboxState> Maintenance::round(postgres::Connection& connection) {
  Status status = look(connection);
  if (!status.ok()) return status;
  if (!anything_to_do()) return state_;
  const Result<bool> ours = try_lock(connection, kMaintenanceKey);
  if (!ours.ok()) return ours.status();
  if (!*ours) return state_;
  status = tidy(connection);
  const Status unlocked = unlock(connection, kMaintenanceKey);
  if (status.ok()) status = unlocked;
  if (!status.ok()) return status.context("cannot tidy the outbox up");
  return state_;
}

Status Maintenance::look(postgres::Connection& connection) {
  return connection.read([&](pqxx::transaction_base& transaction) {
    Result<std::vector<Segment>> read = read_segments(transaction, connection);
    if (!read.ok()) return read.status();
    state_.last_reclaim = read_last_reclaim(transaction, connection);
    std::vector<Segment> before = std::exchange(state_.segments, *std::move(read));
    if (const SteadyTime start = now(); start >= judge_from_) {
      Status status = judge_segments(transaction, connection, state_.segments);
      judge_from_ = now() + kRestFactor * (now() - start);
      return status;
    }
    for (Segment& segment : state_.segments) {
      const auto index = static_cast<std::size_t>(segment.number);
      if (segment.current || segment.empty || index >= before.size()) continue;
      segment.kept_because = before[index].kept_because;
    }
    return Status();
  });
}

bool Maintenance::anything_to_do() const {
  return std::any_of(state_.segments.begin(), state_.segments.end(), [this](const Segment& each) {
    return each.reclaimable || due_for_rotation(each);
  });
}

Status Maintenance::tidy(postgres::Connection& connection) {
  for (Segment& segment : state_.segments) {
    if (!segment.reclaimable) continue;
    Result<Reclaim> result = reclaim_patiently(connection, segment.number);
    if (!result.ok()) return result.status();
    if (result->done) {
      Segment emptied;
      emptied.number = segment.number;
      emptied.name = std::move(segment.name);
      segment = std::move(emptied);
      state_.last_reclaim = std::chrono::system_clock::now();
    } else {
      segment.kept_because = std::move(result->kept_because);
    }
  }
  for (Segment& segment : state_.segments) {
    if (!due_for_rotation(segment)) continue;
    const Result<bool> rotated = rotate(connection, segment.number);
    if (!rotated.ok()) return rotated.status();
    if (!*rotated) segment.kept_because = "it is being written to, as no other segment is empty";
  }
  return Status();
}

Result<Reclaim> Maintenance::reclaim_patiently(postgres::Connection& connection, int segment) {
  Result<Reclaim> result = reclaim(connection, segment, LockPatience(0));
  for (int i = 1; i < kTries && result.ok() && result->in_use && result->readers; ++i) {
    std::this_thread::sleep_for(Milliseconds(1 + random_() % kLongestPauseMs));
    result = reclaim(connection, segment, LockPatience(0));
  }
  if (!result.ok() || !result->readers || now() < may_wait_from_) return result;
  may_wait_from_ = now() + kBetweenWaits;
  return reclaim(connection, segment, kPatience);
}

bool Maintenance::due_for_rotation(const Segment& segment) const {
  if (!segment.current || segment.empty) return false;
  const double age_ms = segment.oldest_seconds * 1000;
  return segment.bytes >= options_.segment_bytes ||
         age_ms >= static_cast<double>(options_.segment_age.count());
}

}  // namespace observerd::source
