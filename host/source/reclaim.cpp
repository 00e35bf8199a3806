#include "source/reclaim.hpp"

#include "source/consumed.hpp"
#include "source/segments.hpp"

namespace observerd::source {
namespace {

constexpr const char* kLockNotAvailable = "55P03";
constexpr const char* kQueryCanceled = "57014";

constexpr std::int64_t kKeptRecords = 1000;

/// Under the lock nothing may take long: readers and writers of the segment wait for it.
constexpr const char* kTimeUnderLock = "SET LOCAL statement_timeout = '500ms'";

/// Asking for a lock that is not to be had is an error in the server's log; so look first.
Reclaim look_at_holders(pqxx::work& transaction, const std::string& table) {
  const pqxx::row row = transaction.exec_params1(
      "SELECT count(*), coalesce(bool_and(l.mode = 'AccessShareLock' AND"
      " coalesce(a.xact_start > clock_timestamp() - interval '1 second', false)), true)"
      " FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid"
      " WHERE l.locktype = 'relation' AND l.relation = $1::regclass AND l.database ="
      " (SELECT oid FROM pg_database WHERE datname = current_database())",
      table);
  Reclaim found;
  found.in_use = row[0].as<std::int64_t>() > 0;
  found.readers = found.in_use && row[1].as<bool>();
  found.kept_because = found.readers ? "it is being read" : "it is in use";
  return found;
}

void lock(pqxx::work& transaction, const std::string& table, LockPatience patience) {
  const std::string statement = "LOCK TABLE ONLY " + table + " IN ACCESS EXCLUSIVE MODE";
  if (patience.count() == 0) {
    transaction.exec0(statement + " NOWAIT");
    return;
  }
  transaction.exec0("SET LOCAL lock_timeout = '" + std::to_string(patience.count()) + "ms'");
  transaction.exec0(statement);
}

/// For status and metrics.
void record(pqxx::work& transaction, const postgres::Connection& connection, int segment,
            std::int64_t bytes) {
  const std::string table = connection.table("reclaims");
  if (transaction.exec_params1("SELECT to_regclass($1) IS NULL", table)[0].as<bool>()) return;
  const pqxx::row row = transaction.exec_params1(
      "INSERT INTO " + table + " (segment, bytes) VALUES ($1, $2) RETURNING id", segment, bytes);
  transaction.exec_params0("DELETE FROM " + table + " WHERE id <= $1",
                           row[0].as<std::int64_t>() - kKeptRecords);
}

}  // namespace

Result<Reclaim> reclaim(postgres::Connection& connection, int segment, LockPatience patience) {
  const std::string table = segment_table(connection, segment);
  Reclaim result;
  const Status status = connection.transact([&](pqxx::work& transaction) {
    result = look_at_holders(transaction, table);
    if (result.in_use && !(result.readers && patience.count() > 0)) return Status();
    lock(transaction, table, patience);
    result = Reclaim();
    transaction.exec0(kTimeUnderLock);
    // Both statements see whatever was committed to the segment, since nobody has it open any more.
    const Result<Consumption> consumption = read_consumption(transaction, connection);
    if (!consumption.ok()) return consumption.status();
    const Result<std::optional<NeededRow>> needed = find_needed(transaction, table, *consumption);
    if (!needed.ok()) return needed.status();
    if (needed->has_value()) {
      result.kept_because = "event " + std::to_string((*needed)->id) + " came late";
      return Status();
    }
    const auto bytes =
        transaction.exec_params1("SELECT pg_total_relation_size($1::regclass)", table)[0]
            .as<std::int64_t>();
    transaction.exec0("TRUNCATE TABLE ONLY " + table);
    record(transaction, connection, segment, bytes);
    return Status();
  });
  if (status.ok()) {
    result.done = result.kept_because.empty();
    return result;
  }
  const std::string state = postgres::sqlstate(status);
  if (state == kLockNotAvailable) return Reclaim{false, true, false, "it is in use"};
  if (state == kQueryCanceled) {
    return Reclaim{false, false, false, "proving that it is consumed took too long"};
  }
  return status;
}

Result<bool> rotate(postgres::Connection& connection, int from) {
  bool rotated = false;
  const Status status = connection.run([&](pqxx::nontransaction& transaction) {
    const std::string sequence = connection.table("outbox_segment");
    const Result<std::vector<Segment>> segments = read_segments(transaction, connection);
    if (!segments.ok()) return segments.status();
    for (int step = 1; step < kSegments && !rotated; ++step) {
      const int next = (from + step) % kSegments;
      if (!(*segments)[static_cast<std::size_t>(next)].empty) continue;
      // setval and not nextval: it writes to the WAL where it stands, nextval ahead of it.
      rotated = !transaction
                     .exec_params("SELECT setval($1::regclass, $2, true) FROM " + sequence +
                                      " AS q WHERE q.last_value = $3",
                                  sequence, next, from)
                     .empty();
    }
    return Status();
  });
  if (!status.ok()) return status;
  return rotated;
}

}  // namespace observerd::source
