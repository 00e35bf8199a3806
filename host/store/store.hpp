#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "postgres/connection.hpp"
#include "store/records.hpp"

namespace observerd::store {

/// Applies writes in bulk (a bounded number of statements, whatever their number). Later writes of
/// one delivery win. Errors are OB019.
Status apply(pqxx::transaction_base& transaction, const postgres::Connection& connection,
             std::span<const Write> writes);

/// Due rows of one shard, oldest due first, at most `limit`; rows of `skip` (in flight in this
/// process) are left out. A row whose event cannot be read comes as Orphaned with the reason.
Result<std::vector<Parked>> due_deliveries(postgres::Connection& connection, int shard,
                                           WallTime now, int limit, const std::vector<Uuid>& skip);
/// The earliest due time of a shard; nullopt when nothing waits.
Result<std::optional<WallTime>> next_due(postgres::Connection& connection, int shard);
/// Ordering keys of a shard that have something parked: their new events must go behind it.
Result<std::vector<std::string>> parked_keys(postgres::Connection& connection, int shard);

}  // namespace observerd::store
