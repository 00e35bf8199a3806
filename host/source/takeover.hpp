#pragma once

#include "postgres/connection.hpp"
#include "source/ledger_row.hpp"

namespace observerd::source {

/// Begins a new epoch of the shard whose lock the connection holds: writes the next generation,
/// which says the same as the newest one, and returns it. From its commit on no earlier epoch can
/// write. The epoch is greater than any before it, and than `known`, the greatest that the caller
/// has seen: what is still under way under an earlier one must never be taken for work of this
/// one. OB019 when the shard has no ledger, or one that cannot be of this server's history.
Result<LedgerRow> take_over(postgres::Connection& connection, int shard, std::uint64_t known);

/// Deletes generations of a shard that nobody needs any more, a bounded number at a time.
/// Remembers how far it has come, so that it does not walk over what it deleted before. Not
/// thread-safe.
class LedgerSweeper {
 public:
  /// Those below `newest` but for the last few, and but for takeovers of less than a day ago.
  Status sweep(postgres::Connection& connection, int shard, std::int64_t newest);

 private:
  std::int64_t swept_to_ = 0;  // 0: not known yet
};

}  // namespace observerd::source
