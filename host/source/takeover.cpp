#include "source/takeover.hpp"

#include <algorithm>

#include "source/numbers.hpp"

namespace observerd::source {
namespace {

constexpr const char* kUniqueViolation = "23505";
constexpr int kTakeoverTries = 20;
constexpr std::int64_t kKeptGenerations = 3;
constexpr std::int64_t kSweepAtOnce = 2'000;

Status no_history_of_ours(int shard) {
  return Status::error(Code::Storage,
                       "the ledger of shard " + std::to_string(shard) +
                           " is ahead of the server: the database was restored from a copy")
      .note("run `observerd adopt` to begin anew on this server");
}

/// A position that survived was made by transactions that survived, so the server cannot give out
/// their xids again. Where it does, this is another server, and what the position "sees" there
/// would be lost.
bool ahead_of(const Progress& progress, std::uint64_t own_xid) {
  return progress.base.snapshot.xmax > own_xid ||
         (progress.target.has_value() && progress.target->snapshot.xmax > own_xid);
}

Status take_over_once(postgres::Connection& connection, int shard, std::uint64_t known,
                      LedgerRow& taken) {
  return connection.transact([&](pqxx::work& transaction) {
    // Unlike all else that is written here, an epoch that was lost would be used again.
    transaction.exec0("SET LOCAL synchronous_commit = local");
    const pqxx::result newest = transaction.exec(
        "SELECT " + ledger_row_columns() + " FROM " + connection.table("ledger") +
        " WHERE shard = " + std::to_string(shard) + " ORDER BY generation DESC LIMIT 1");
    if (newest.empty()) {
      return Status::error(Code::Storage, "shard " + std::to_string(shard) + " has no ledger")
          .note("the number of shards is fixed when the database is migrated");
    }
    Result<LedgerRow> row = read_ledger_row(newest[0]);
    if (!row.ok()) return row.status();
    taken = *std::move(row);
    ++taken.generation;
    taken.epoch = std::max(taken.epoch, known) + 1;
    taken.takeover = true;
    transaction.exec0("INSERT INTO " + connection.table("ledger") + " (" + ledger_row_columns() +
                      ") VALUES " + ledger_row_values(taken));
    transaction.exec0("INSERT INTO " + connection.table("ledger_lease") + " VALUES (" +
                      std::to_string(shard) + ", " + std::to_string(taken.epoch) +
                      ") ON CONFLICT (shard) DO UPDATE SET epoch = excluded.epoch");
    const std::string own_xid = transaction.exec1("SELECT pg_current_xact_id()")[0].c_str();
    if (ahead_of(taken.progress, number_or<std::uint64_t>(own_xid, 0))) {
      return no_history_of_ours(shard);
    }
    return Status();
  });
}

}  // namespace

Result<LedgerRow> take_over(postgres::Connection& connection, int shard, std::uint64_t known) {
  LedgerRow taken;
  Status status;
  // Whoever held the shard before may have a flush under way; then the newest row is another one.
  for (int i = 0; i < kTakeoverTries; ++i) {
    status = take_over_once(connection, shard, known, taken);
    if (status.ok()) return taken;
    if (postgres::sqlstate(status) != kUniqueViolation) break;
  }
  return status.context("cannot take over shard " + std::to_string(shard));
}

Status LedgerSweeper::sweep(postgres::Connection& connection, int shard, std::int64_t newest) {
  return connection.run([&](pqxx::nontransaction& transaction) {
    const std::string of_shard =
        " FROM " + connection.table("ledger") + " WHERE shard = " + std::to_string(shard);
    if (swept_to_ == 0) {
      const std::string least = transaction.exec1("SELECT min(generation)" + of_shard)[0].c_str();
      swept_to_ = number_or<std::int64_t>(least, newest);
    }
    const std::int64_t end = std::min(swept_to_ + kSweepAtOnce, newest - kKeptGenerations + 1);
    if (end <= swept_to_) return Status();
    transaction.exec0("DELETE" + of_shard + " AND generation >= " + std::to_string(swept_to_) +
                      " AND generation < " + std::to_string(end) +
                      " AND (NOT takeover OR written_at < now() - interval '1 day')");
    swept_to_ = end;
    return Status();
  });
}

}  // namespace observerd::source
