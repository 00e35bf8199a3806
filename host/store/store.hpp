#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "postgres/connection.hpp"
#include "store/records.hpp"

namespace observerd::store {

/// The first event (its outbox id) that will still write a row of an ordering key: nothing behind
/// is released from there on. The largest number when there is none; so does an empty function.
using ReleaseLimit = std::function<std::int64_t(const std::string& ordering_key)>;

/// Applies writes in bulk (a bounded number of statements, whatever their number). Later writes of
/// one delivery win. Of every ordering key that is touched, the first delivery behind is due
/// afterwards when nothing is in front of it and it comes before `limit`, in whatever order the
/// writes came. Applying the same
/// writes again changes nothing more. Errors are OB019, with the SQLSTATE as a note; the
/// transaction is then only good for a rollback.
Status apply(pqxx::transaction_base& transaction, const postgres::Connection& connection,
             std::span<const Write> writes, const ReleaseLimit& limit = {});

/// Holds parked deliveries whose result could not be stored, so that they are not tried in a loop.
/// Those that are not parked are left alone.
/// `reason` begins with its cause (hold_reason).
Status hold(pqxx::transaction_base& transaction, const postgres::Connection& connection,
            const std::vector<Uuid>& delivery_ids, std::string_view reason);

/// Due rows of one shard, oldest due first, at most `limit`; rows of `skip` (in flight in this
/// process) are left out, and so are all of `closed_lanes`: however many rows a closed lane has,
/// they cost nothing here. A row whose event cannot be read comes as Orphaned with the reason.
Result<std::vector<Parked>> due_deliveries(postgres::Connection& connection, int shard,
                                           WallTime now, int limit, const std::vector<Uuid>& skip,
                                           const std::vector<std::string>& closed_lanes = {});
/// The same of one lane only.
Result<std::vector<Parked>> due_in_lane(postgres::Connection& connection, int shard, WallTime now,
                                        int limit, const std::vector<Uuid>& skip,
                                        const std::string& lane);
/// The earliest due time of a shard, closed lanes left out; nullopt when nothing waits.
Result<std::optional<WallTime>> next_due(postgres::Connection& connection, int shard,
                                         const std::vector<std::string>& closed_lanes = {});
/// Ordering keys of a shard that have something parked: their new events must go behind it.
Result<std::vector<std::string>> parked_keys(postgres::Connection& connection, int shard);
/// Those of `keys` that still have something parked in a shard.
Result<std::vector<std::string>> still_parked(postgres::Connection& connection, int shard,
                                              const std::vector<std::string>& keys);

/// What is kept, for `status` and the metrics.
struct StoreCounts {
  std::array<std::int64_t, 4> retries{};  ///< by ParkState
  std::optional<WallTime> earliest_due;
  std::int64_t pending = 0, retrying = 0, success = 0, retry_failed = 0,
               discarded = 0;  ///< dead letters by status
  std::int64_t bad_rows = 0;
};
Result<StoreCounts> counts(postgres::Connection& connection);

}  // namespace observerd::store
