#include "source/progress.hpp"

#include "source/identity.hpp"

namespace observerd::source {

Result<std::vector<ShardProgress>> progress(postgres::Connection& connection) {
  const std::string schema = connection.quoted_schema();
  // Per shard: the newest ledger row, what of its pending ranges is in the outbox (ranges may cover
  // ids of other shards), what lies behind it (both by the (shard, id) index, counted up to a
  // limit), and who holds its advisory lock.
  const std::string query =
      "SELECT n.shard, n.epoch, n.written_at,"
      "  (SELECT a.application_name || ' (pid ' || l.pid || ')' FROM pg_locks AS l"
      "    LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid"
      "    WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted"
      "     AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
      "     AND l.classid::bigint = (" +
      schema +
      ".lock_class()::bigint & 4294967295)"
      "     AND l.objid::bigint = n.shard LIMIT 1) AS holder,"
      "  (SELECT count(*) FROM (SELECT 1 FROM " +
      schema +
      ".outbox AS o"
      "    WHERE o.shard = n.shard AND o.id > n.read_to LIMIT $1) AS counted) AS waiting,"
      "  (SELECT count(*) FROM (SELECT 1 FROM unnest(n.pending) AS r JOIN " +
      schema +
      ".outbox AS o"
      "    ON o.shard = n.shard AND o.id >= lower(r) AND o.id < upper(r) LIMIT $1) AS counted),"
      "  coalesce(extract(epoch FROM clock_timestamp() - least("
      "    (SELECT o.created_at FROM " +
      schema +
      ".outbox AS o WHERE o.shard = n.shard"
      "      AND o.id > n.read_to ORDER BY o.id LIMIT 1),"
      "    (SELECT o.created_at FROM " +
      schema +
      ".outbox AS o WHERE o.shard = n.shard"
      "      AND o.id >= lower(n.pending) AND o.id < upper(n.pending) ORDER BY o.id LIMIT 1))),"
      "   0)::float8"
      " FROM " +
      schema +
      ".installation AS i,"
      "  generate_series(0, i.shards - 1) AS s,"
      "  LATERAL (SELECT shard, epoch, written_at, pending,"
      "     CASE WHEN target_snapshot IS NULL THEN base_top ELSE cursor END AS read_to"
      "    FROM " +
      schema +
      ".ledger WHERE ledger.shard = s ORDER BY generation DESC LIMIT 1) AS n"
      " ORDER BY n.shard";
  std::vector<ShardProgress> shards;
  const Status status = connection.read([&](pqxx::transaction_base& transaction) {
    for (const pqxx::row& row : transaction.exec_params(query, ShardProgress::kCountLimit)) {
      ShardProgress one;
      one.shard = row[0].as<int>();
      one.epoch = row[1].as<std::int64_t>();
      one.written_at = row[2].as<std::string>();
      one.held = !row[3].is_null();
      one.holder = row[3].as<std::string>("");
      one.waiting = row[4].as<std::int64_t>();
      one.unsettled = row[5].as<std::int64_t>();
      one.oldest_seconds = row[6].as<double>();
      shards.push_back(std::move(one));
    }
    return Status();
  });
  if (!status.ok()) return status;
  return shards;
}

Result<Installation> installation(postgres::Connection& connection) {
  Installation found;
  const Status status = connection.read([&](pqxx::transaction_base& transaction) {
    // As JSON, so that the schema of the version before, without the last column, will do.
    const pqxx::result rows = transaction.exec(
        "SELECT id::text, shards, coalesce(system_identifier, ''),"
        " coalesce(to_jsonb(i)->>'adopted_to', '0')::bigint FROM " +
        connection.table("installation") + " AS i");
    const std::optional<Uuid> id =
        rows.empty() ? std::nullopt : Uuid::parse(rows[0][0].as<std::string>());
    if (!id) {
      return Status::error(Code::Storage, "the table " + connection.table("installation") +
                                              " does not hold its one row");
    }
    found.id = *id;
    found.shards = rows[0][1].as<int>();
    found.system_identifier = rows[0][2].as<std::string>();
    found.adopted_to = rows[0][3].as<std::int64_t>();
    return Status();
  });
  if (!status.ok()) return status;
  Result<std::string> present = server_identifier(connection);
  if (!present.ok()) return present.status();
  found.present_identifier = *std::move(present);
  return found;
}

}  // namespace observerd::source
