#include "source/adopt.hpp"

#include <algorithm>

#include "source/consumed.hpp"
#include "source/identity.hpp"
#include "source/locks.hpp"
#include "source/numbers.hpp"
#include "source/progress.hpp"

namespace observerd::source {
namespace {

constexpr const char* kLockNotAvailable = "55P03";

/// For the transaction: none of our hosts reads or tidies up, and none can begin to.
Status lock_out_hosts(pqxx::work& transaction, const postgres::Connection& connection, int shards) {
  const pqxx::result taken = transaction.exec(
      "SELECT key FROM (SELECT key, pg_try_advisory_xact_lock(" + connection.quoted_schema() +
      ".lock_class(), key) AS granted FROM (SELECT generate_series(0, " +
      std::to_string(shards - 1) + ") UNION ALL SELECT " + std::to_string(kMaintenanceKey) +
      ") AS keys (key)) AS locks WHERE NOT granted ORDER BY key LIMIT 1");
  if (taken.empty()) return Status();
  const int key = taken[0][0].as<int>();
  return Status::error(Code::LeaseLost, key == kMaintenanceKey
                                            ? "a host is tidying the outbox up"
                                            : "shard " + std::to_string(key) +
                                                  " of this database is being read by a host")
      .note("stop the hosts that read this database, then adopt it");
}

/// The greatest id that any row or ledger knows; the sequence is moved on to it, should the dump
/// have been restored without it.
std::int64_t last_id(pqxx::work& transaction, const postgres::Connection& connection,
                     const Consumption& consumption) {
  std::int64_t known = 0;
  for (const LedgerRow& row : consumption.rows) {
    known = std::max({known, row.progress.base.top, row.progress.cursor});
    if (row.progress.target) known = std::max(known, row.progress.target->top);
  }
  const std::string sequence = connection.table("outbox_id");
  const pqxx::row row = transaction.exec1(
      "SELECT CASE WHEN s.is_called THEN s.last_value ELSE s.last_value - 1 END,"
      " greatest(" +
      std::to_string(known) + ", (SELECT max(o.id) FROM " + connection.table("outbox") +
      " AS o)) FROM " + sequence + " AS s");
  const auto given = row[0].as<std::int64_t>(), needed = row[1].as<std::int64_t>();
  if (given < needed) transaction.exec_params1("SELECT setval($1::regclass, $2)", sequence, needed);
  return std::max(given, needed);
}

/// The next generation of every shard. Its base sees all that is there, of which the rows that are
/// not consumed are pending; between two of those in one range lies none that is.
std::int64_t write_ledger(pqxx::work& transaction, const postgres::Connection& connection,
                          const Consumption& consumption, std::int64_t last) {
  const std::string floors =
      array_text(std::vector<std::int64_t>(consumption.now.xip.size(), last));
  const std::string condition =
      consumed_condition("o", "l", std::to_string(consumption.adopted_to));
  const pqxx::row row = transaction.exec_params1(
      "WITH newest AS (SELECT DISTINCT ON (shard) * FROM " + connection.table("ledger") +
          " ORDER BY shard, generation DESC),"
          " rows AS (SELECT o.shard, o.id, " +
          condition + " AS consumed, count(*) FILTER (WHERE " + condition +
          ") OVER (PARTITION BY o.shard ORDER BY o.id) AS island FROM " +
          connection.table("outbox") +
          " AS o JOIN newest AS l ON l.shard = o.shard),"
          " islands AS (SELECT shard, int8range(min(id), max(id), '[]') AS ids, count(*) AS events"
          " FROM rows WHERE NOT consumed GROUP BY shard, island),"
          " unsettled AS (SELECT shard, range_agg(ids) AS ids, sum(events) AS events FROM islands"
          " GROUP BY shard),"
          " written AS (INSERT INTO " +
          connection.table("ledger") +
          " (shard, generation, epoch, takeover, base_snapshot, base_sequence, base_top,"
          " base_floors, cursor, pending) SELECT n.shard, n.generation + 1, n.epoch + 1, true,"
          " $1::pg_snapshot, $2::bigint, $2::bigint, $3::bigint[], 0, coalesce(u.ids, '{}')"
          " FROM newest AS n LEFT JOIN unsettled AS u ON u.shard = n.shard)"
          " SELECT coalesce(sum(events), 0)::bigint FROM unsettled",
      consumption.now.to_string(), last, floors);
  return row[0].as<std::int64_t>();
}

}  // namespace

Result<Adoption> adopt(postgres::Connection& connection) {
  const Result<Installation> known = installation(connection);
  if (!known.ok()) return known.status();
  Adoption adoption;
  adoption.from = known->system_identifier;
  adoption.to = known->present_identifier;
  const bool same_server = !adoption.from.empty() && adoption.from == adoption.to;

  Status status = connection.transact([&](pqxx::work& transaction) {
    transaction.exec0("SET LOCAL synchronous_commit = local");
    Status locked = lock_out_hosts(transaction, connection, known->shards);
    if (!locked.ok()) return locked;
    // Whoever has rows in the outbox has ended now, and nobody takes an id before this ends.
    transaction.exec0("SET LOCAL lock_timeout = '10s'");
    transaction.exec0("LOCK TABLE " + connection.table("outbox") + " IN SHARE ROW EXCLUSIVE MODE");
    const Result<Consumption> consumption = read_consumption(transaction, connection);
    if (!consumption.ok()) return consumption.status();
    adoption.needed =
        !same_server ||
        std::any_of(consumption->rows.begin(), consumption->rows.end(), [&](const auto& row) {
          return row.progress.base.snapshot.xmax > consumption->now.xmax ||
                 (row.progress.target &&
                  row.progress.target->snapshot.xmax > consumption->now.xmax);
        });
    if (!adoption.needed) return Status();
    const std::int64_t last = last_id(transaction, connection, *consumption);
    adoption.unsettled = write_ledger(transaction, connection, *consumption, last);
    transaction.exec0("DELETE FROM " + connection.table("ledger_lease"));
    transaction.exec_params0("UPDATE " + connection.table("installation") +
                                 " SET system_identifier = nullif($1, ''), adopted_to = $2,"
                                 " adopted_at = clock_timestamp()",
                             adoption.to, last);
    transaction.exec_params("SELECT pg_notify($1, '')", hosts_channel(connection));
    return Status();
  });
  if (postgres::sqlstate(status) == kLockNotAvailable) {
    status.note("a transaction that has written to the outbox does not end");
  }
  if (!status.ok()) return status.context("the database was not adopted");
  return adoption;
}

}  // namespace observerd::source
