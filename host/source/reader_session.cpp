#include "source/reader_session.hpp"

#include <string>

#include "source/locks.hpp"

namespace observerd::source {
namespace {

constexpr const char* kPlanSettings =
    " ('enable_seqscan', 'off'), ('enable_bitmapscan', 'off'), ('enable_sort', 'off'),"
    " ('enable_indexscan', 'on'), ('enable_partition_pruning', 'on'),"
    " ('max_parallel_workers_per_gather', '0'), ('plan_cache_mode', 'force_generic_plan')";

constexpr const char* kSessionSettings =
    // Nothing that a reader commits must survive a crash for its own sake.
    ", ('synchronous_commit', 'off'),"
    // The server frees the lease of a host that vanished once it notices, which by default takes
    // hours: with these, about 15 seconds.
    " ('tcp_keepalives_idle', '5'), ('tcp_keepalives_interval', '3'),"
    " ('tcp_keepalives_count', '3'), ('tcp_user_timeout', '15000')";

std::string set_all(const std::string& settings, bool local) {
  return std::string("SELECT set_config(s.name, s.value, ") + (local ? "true" : "false") +
         ") FROM (VALUES" + settings + ") AS s (name, value)";
}

/// Of a sequence that was never used, the last value is not given out yet.
constexpr const char* kSequenceValue =
    "CASE WHEN s.is_called THEN s.last_value ELSE s.last_value - 1 END";

/// The columns in the order in which pages.cpp reads them. Microseconds fit a double exactly enough
/// to be rounded to the right one for the next century; numeric would cost ten times as much.
constexpr const char* kRowColumns =
    "o.id, o.xid, o.kind, o.entity, o.key, o.old_key, o.event_type, o.actor, o.traceparent,"
    " o.new_row, o.old_row, round(date_part('epoch', o.created_at) * 1e6)::bigint";

/// Bytes of a JSON column as it will be sent. Only what is compressed has to be unpacked for that.
std::string size_of(const std::string& column) {
  return "coalesce(CASE WHEN pg_column_compression(" + column + ") IS NULL THEN pg_column_size(" +
         column + ") ELSE octet_length(" + column + "::text) END, 0)";
}

/// `where`: the condition, which uses the parameters below `rows`, the greatest number of rows.
std::string page_statement(const std::string& from, const std::string& where, int rows) {
  return std::string("SELECT ") + kRowColumns + from + where + " ORDER BY o.id LIMIT $" +
         std::to_string(rows);
}

/// The same, but ends with the row that reaches the number of bytes in the parameter after `rows`.
/// One more column: how many rows there were without that. Costs a third more than the other.
std::string sized_page_statement(const std::string& from, const std::string& where, int rows) {
  const std::string row_bytes = size_of("o.new_row") + " + " + size_of("o.old_row");
  return std::string("SELECT p.* FROM (SELECT ") + kRowColumns + ", count(*) OVER (), sum(" +
         row_bytes +
         ") OVER (ORDER BY o.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before"
         " FROM (SELECT o.*" +
         from + where + " ORDER BY o.id LIMIT $" + std::to_string(rows) +
         ") AS o) AS p WHERE coalesce(p.bytes_before, 0) < $" + std::to_string(rows + 1) +
         "::bigint ORDER BY p.id";
}

/// An expression for the bytes in the TOAST tables of the outbox, NULL when one was made anew.
Result<std::string> toast_bytes(postgres::Connection& connection) {
  std::string sum = "0";
  const Status status = connection.run([&](pqxx::nontransaction& transaction) {
    for (const pqxx::row& row : transaction.exec_params(
             "SELECT c.reltoastrelid FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid"
             " WHERE i.inhparent = $1::regclass",
             connection.table("outbox"))) {
      sum += std::string(" + pg_relation_size(") + row[0].c_str() + ")";
    }
    return Status();
  });
  if (!status.ok()) return status;
  return sum;
}

}  // namespace

std::string plan_settings(bool local) {
  return set_all(kPlanSettings, local);
}

Status pin_session(postgres::Connection& connection) {
  return connection.run([](pqxx::nontransaction& transaction) {
    transaction.exec(set_all(std::string(kPlanSettings) + kSessionSettings, false));
    return Status();
  });
}

Status prepare_session(postgres::Connection& connection) {
  Status status = pin_session(connection);
  if (!status.ok()) return status;
  const Result<std::string> toast = toast_bytes(connection);
  if (!toast.ok()) return toast.status();

  const std::string outbox = " FROM " + connection.table("outbox") + " AS o";
  const std::string sequence = " FROM " + connection.table("outbox_id") + " AS s";
  // shard, after, up to, target snapshot, base snapshot
  const std::string of_window =
      " WHERE o.shard = $1::smallint AND o.id > $2::bigint AND o.id <= $3::bigint"
      " AND pg_visible_in_snapshot(o.xid, $4::pg_snapshot)"
      " AND NOT pg_visible_in_snapshot(o.xid, $5::pg_snapshot)";
  // shard, after, up to, ranges, base snapshot, cursor, target snapshot. The xids of an adopted
  // copy say nothing, but all its rows were read.
  const std::string of_ranges =
      " WHERE o.shard = $1::smallint AND o.id > $2::bigint AND o.id <= $3::bigint"
      " AND $4::int8multirange @> o.id"
      " AND (o.id <= (SELECT (to_jsonb(i)->>'adopted_to')::bigint FROM " +
      connection.table("installation") +
      " AS i WHERE i.only_row) OR pg_visible_in_snapshot(o.xid, $5::pg_snapshot)"
      " OR o.id <= $6::bigint AND pg_visible_in_snapshot(o.xid, $7::pg_snapshot))";

  status = connection.run([&](pqxx::nontransaction& /*transaction*/) {
    pqxx::connection_base& session = connection.raw();
    session.prepare(statement::kLook,
                    std::string("SELECT ") + kSequenceValue + ", pg_current_snapshot()" + sequence);
    session.prepare(statement::kFence, "SELECT pg_current_xact_id()");
    // The snapshot is that of the statement, so it is older than what is read while it runs.
    session.prepare(statement::kSnapshot, std::string("SELECT pg_current_snapshot(), ") +
                                              kSequenceValue + ", " + *toast + sequence);
    session.prepare(statement::kPage, page_statement(outbox, of_window, 6));
    session.prepare(statement::kSizedPage, sized_page_statement(outbox, of_window, 6));
    session.prepare(statement::kPageAgain, page_statement(outbox, of_ranges, 8));
    session.prepare(statement::kSizedPageAgain, sized_page_statement(outbox, of_ranges, 8));
    prepare_locks(connection);
    return Status();
  });
  if (!status.ok()) return status;
  return connection.listen(connection.schema() + "_wake");
}

}  // namespace observerd::source
