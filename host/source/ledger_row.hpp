#pragma once

#include <cstdint>
#include <pqxx/pqxx>
#include <string>

#include "base/status.hpp"
#include "source/id_ranges.hpp"
#include "source/position.hpp"

namespace observerd::source {

/// One row of the ledger (migrations/03_create_ledger.sql): all that a host needs to go on reading
/// a shard where another one stopped. A plain value.
struct LedgerRow {
  int shard = 0;
  std::int64_t generation = 0;
  std::uint64_t epoch = 0;
  bool takeover = false;  ///< the first row of its epoch
  Progress progress;
  IdRanges pending;
};

/// What to SELECT so that ledger_row() can read it.
std::string ledger_row_columns();
/// OB019 when the row makes no sense.
Result<LedgerRow> read_ledger_row(const pqxx::row& row);

/// "(shard, generation, …)" as a row of VALUES with casts, in the order of ledger_row_columns().
/// Made of numbers only: nothing in it needs quoting.
std::string ledger_row_values(const LedgerRow& row);

}  // namespace observerd::source
