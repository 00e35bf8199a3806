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

Status prepare_session(postgres::Connection& connection, int page_rows) {
  const std::string outbox = " FROM " + connection.table("outbox") + " AS o";
  const std::string sequence = " FROM " + connection.table("outbox_id") + " AS s";
  const std::string in_order = " ORDER BY o.id LIMIT " + std::to_string(page_rows);

  Status status = pin_session(connection);
  if (!status.ok()) return status;
  status = connection.run([&](pqxx::nontransaction& /*transaction*/) {
    pqxx::connection_base& session = connection.raw();
    session.prepare(statement::kLook,
                    std::string("SELECT ") + kSequenceValue + ", pg_current_snapshot()" + sequence);
    session.prepare(statement::kFence, "SELECT pg_current_xact_id()");
    // The snapshot is that of the statement, so it is older than the value read while it runs.
    session.prepare(statement::kSnapshot,
                    std::string("SELECT pg_current_snapshot(), ") + kSequenceValue + sequence);
    // shard, after, up to, target snapshot, base snapshot
    session.prepare(statement::kPage,
                    std::string("SELECT ") + kRowColumns + outbox +
                        " WHERE o.shard = $1::smallint AND o.id > $2::bigint AND o.id <= $3::bigint"
                        " AND pg_visible_in_snapshot(o.xid, $4::pg_snapshot)"
                        " AND NOT pg_visible_in_snapshot(o.xid, $5::pg_snapshot)" +
                        in_order);
    // shard, after, up to, ranges, base snapshot, cursor, target snapshot
    session.prepare(statement::kPageAgain,
                    std::string("SELECT ") + kRowColumns + outbox +
                        " WHERE o.shard = $1::smallint AND o.id > $2::bigint AND o.id <= $3::bigint"
                        " AND $4::int8multirange @> o.id"
                        // The xids of an adopted copy say nothing, but all its rows were read.
                        " AND (o.id <= (SELECT (to_jsonb(i)->>'adopted_to')::bigint FROM " +
                        connection.table("installation") +
                        " AS i WHERE i.only_row) OR pg_visible_in_snapshot(o.xid, $5::pg_snapshot)"
                        " OR o.id <= $6::bigint"
                        " AND pg_visible_in_snapshot(o.xid, $7::pg_snapshot))" +
                        in_order);
    prepare_locks(connection);
    return Status();
  });
  if (!status.ok()) return status;
  return connection.listen(connection.schema() + "_wake");
}

}  // namespace observerd::source
