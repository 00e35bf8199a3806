#include "source/segments.hpp"

#include "source/consumed.hpp"
#include "source/reader_session.hpp"

namespace observerd::source {
namespace {

std::string segment_name(int number) {
  return "outbox_" + std::to_string(number);
}

/// One row a segment. Its ends are looked up by the (shard, id) index, shard by shard.
std::string segments_query(const pqxx::transaction_base& transaction,
                           const postgres::Connection& connection) {
  std::string values;
  for (int number = 0; number < kSegments; ++number) {
    values += (number > 0 ? ",(" : "(") + std::to_string(number) + "::smallint," +
              transaction.quote(segment_table(connection, number)) + "::regclass)";
  }
  const std::string rows = " FROM " + connection.table("outbox") +
                           " AS o WHERE o.segment = s.number AND o.shard = shard ORDER BY o.id";
  return "SELECT s.number, s.number = q.last_value, pg_total_relation_size(s.relation),"
         " pg_relation_size(s.relation) = 0, coalesce(max(l.id) - min(f.id) + 1, 0),"
         " coalesce(extract(epoch FROM clock_timestamp() - min(f.created_at)), 0)::float8"
         " FROM (VALUES " +
         values + ") AS s (number, relation), " + connection.table("outbox_segment") + " AS q, " +
         connection.table("installation") +
         " AS i, generate_series(0, i.shards - 1) AS shard"
         " LEFT JOIN LATERAL (SELECT o.id, o.created_at" +
         rows + " LIMIT 1) AS f ON true LEFT JOIN LATERAL (SELECT o.id" + rows +
         " DESC LIMIT 1) AS l ON true"
         " GROUP BY s.number, s.relation, q.last_value ORDER BY s.number";
}

/// Who may still have rows in a segment that nobody sees yet: whoever holds the lock that writing
/// took. Prepared transactions have no pid.
std::optional<std::string> writer_of(pqxx::transaction_base& transaction,
                                     const std::string& table) {
  const pqxx::result locks = transaction.exec_params(
      "SELECT l.pid, extract(epoch FROM clock_timestamp() - a.xact_start)::bigint FROM pg_locks AS "
      "l"
      " LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid WHERE l.locktype = 'relation'"
      " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
      " AND l.relation = $1::regclass AND l.granted AND l.mode = 'RowExclusiveLock'"
      " ORDER BY a.xact_start LIMIT 1",
      table);
  if (locks.empty()) return std::nullopt;
  if (locks[0][0].is_null()) return "a prepared transaction has written to it and was not resolved";
  std::string text =
      "a transaction that has written to it has not ended (pid " + locks[0][0].as<std::string>();
  if (!locks[0][1].is_null()) text += ", " + locks[0][1].as<std::string>() + " s old";
  return text + ")";
}

}  // namespace

std::string segment_table(const postgres::Connection& connection, int number) {
  return connection.table(segment_name(number));
}

Result<std::vector<Segment>> read_segments(pqxx::transaction_base& transaction,
                                           const postgres::Connection& connection) {
  std::vector<Segment> segments;
  for (const pqxx::row& row : transaction.exec(segments_query(transaction, connection))) {
    Segment segment;
    segment.number = row[0].as<int>();
    segment.name = segment_name(segment.number);
    segment.current = row[1].as<bool>();
    segment.bytes = row[2].as<std::int64_t>();
    segment.empty = row[3].as<bool>();
    segment.rows_at_most = row[4].as<std::int64_t>();
    segment.oldest_seconds = row[5].as<double>();
    segments.push_back(std::move(segment));
  }
  return segments;
}

Status judge_segments(pqxx::transaction_base& transaction, const postgres::Connection& connection,
                      std::vector<Segment>& segments) {
  std::optional<Consumption> consumption;
  for (Segment& segment : segments) {
    if (segment.current) segment.kept_because = "it is being written to";
    if (segment.current || segment.empty) continue;
    const std::string table = segment_table(connection, segment.number);
    if (std::optional<std::string> writer = writer_of(transaction, table)) {
      segment.kept_because = *std::move(writer);
      continue;
    }
    if (!consumption) {
      Result<Consumption> read = read_consumption(transaction, connection);
      if (!read.ok()) return read.status();
      consumption = *std::move(read);
    }
    Result<std::optional<NeededRow>> needed = find_needed(transaction, table, *consumption);
    if (!needed.ok()) return needed.status();
    segment.reclaimable = !needed->has_value();
    if (*needed) {
      segment.kept_because = "event " + std::to_string((*needed)->id) + " of shard " +
                             std::to_string((*needed)->shard) +
                             ((*needed)->read ? " is not settled" : " was not read");
    }
  }
  return Status();
}

Result<std::vector<Segment>> segments(postgres::Connection& connection) {
  std::vector<Segment> found;
  const Status status = connection.read([&](pqxx::transaction_base& transaction) {
    transaction.exec(plan_settings(true));
    Result<std::vector<Segment>> read = read_segments(transaction, connection);
    if (!read.ok()) return read.status();
    found = *std::move(read);
    return judge_segments(transaction, connection, found);
  });
  if (!status.ok()) return status;
  return found;
}

std::optional<WallTime> read_last_reclaim(pqxx::transaction_base& transaction,
                                          const postgres::Connection& connection) {
  const std::string table = connection.table("reclaims");
  // The schema of the version before has no such table.
  if (transaction.exec_params1("SELECT to_regclass($1) IS NULL", table)[0].as<bool>()) return {};
  const pqxx::result newest =
      transaction.exec("SELECT (extract(epoch FROM reclaimed_at) * 1000000)::bigint FROM " + table +
                       " ORDER BY id DESC LIMIT 1");
  if (newest.empty()) return {};
  return WallTime(std::chrono::microseconds(newest[0][0].as<std::int64_t>()));
}

Result<std::optional<WallTime>> last_reclaim(postgres::Connection& connection) {
  std::optional<WallTime> last;
  const Status status = connection.read([&](pqxx::transaction_base& transaction) {
    last = read_last_reclaim(transaction, connection);
    return Status();
  });
  if (!status.ok()) return status;
  return last;
}

}  // namespace observerd::source
