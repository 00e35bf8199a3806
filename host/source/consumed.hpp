#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "source/ledger_row.hpp"

namespace observerd::source {

/// Every row of a shard that is not consumed, which is to say read and settled according to `row`,
/// and whose transaction `now` sees, has an id greater than this. Pure; the argument is in
/// README.md, section 7.
std::int64_t consumed_to(const LedgerRow& row, const Snapshot& now);

/// Rows with ids up to this came with a restored dump: what their xids say is about another server.
/// See adopt.hpp; 0 in an outbox that never moved.
using AdoptedTo = std::int64_t;

/// What the ledger says of all shards at one moment.
struct Consumption {
  std::vector<LedgerRow> rows;  ///< the newest of each shard
  Snapshot now;                 ///< of the statement that read them
  AdoptedTo adopted_to = 0;
};
Result<Consumption> read_consumption(pqxx::transaction_base& transaction,
                                     const postgres::Connection& connection);

/// A row that some shard still needs.
struct NeededRow {
  int shard = 0;
  std::int64_t id = 0;
  bool read = false;  ///< read, not settled
};

/// One row of `table` (quoted: the outbox or one segment) that is not consumed, or nullopt when
/// there is none. A row whose shard does not exist counts as needed: nobody has read it. Walks the
/// (shard, id) index from consumed_to on, so the session should have pinned its plans.
Result<std::optional<NeededRow>> find_needed(pqxx::transaction_base& transaction,
                                             const std::string& table,
                                             const Consumption& consumption);

/// The SQL condition "this row is consumed", over columns id and xid of `outbox` and the columns of
/// the ledger row in `ledger` (both aliases) and an expression for AdoptedTo.
std::string consumed_condition(const std::string& outbox, const std::string& ledger,
                               const std::string& adopted_to);

}  // namespace observerd::source
