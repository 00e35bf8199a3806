#include "source/consumed.hpp"

#include <algorithm>

#include "source/numbers.hpp"

namespace observerd::source {

std::int64_t consumed_to(const LedgerRow& row, const Snapshot& now) {
  const Progress& progress = row.progress;
  // Of an open window the ids up to the cursor were read; what neither it nor the base sees is late
  // at the target, or came after it.
  std::int64_t id = progress.target ? std::min(progress.cursor, least_floor(*progress.target, now))
                                    : least_floor(progress.base, now);
  if (!row.pending.empty()) id = std::min(id, row.pending.front().first - 1);
  return id;
}

Result<Consumption> read_consumption(pqxx::transaction_base& transaction,
                                     const postgres::Connection& connection) {
  // As JSON, so that the schema of the version before, which has no such column, will do.
  const pqxx::result answer = transaction.exec(
      "SELECT " + ledger_row_columns() +
      ", pg_current_snapshot(), coalesce(to_jsonb(i)->>'adopted_to', '0') FROM " +
      connection.table("installation") +
      " AS i, generate_series(0, i.shards - 1) AS s, LATERAL (SELECT * FROM " +
      connection.table("ledger") +
      " AS l WHERE l.shard = s ORDER BY l.generation DESC LIMIT 1) AS newest ORDER BY s");
  Consumption consumption;
  for (const pqxx::row& row : answer) {
    Result<LedgerRow> ledger = read_ledger_row(row);
    if (!ledger.ok()) return ledger.status();
    consumption.rows.push_back(*std::move(ledger));
    Result<Snapshot> now = parse_snapshot(row[row.size() - 2].c_str());
    if (!now.ok()) return now.status();
    consumption.now = *std::move(now);
    consumption.adopted_to = number_or<AdoptedTo>(row[row.size() - 1].c_str(), 0);
  }
  if (consumption.rows.empty()) return Status::error(Code::Storage, "no shard has a ledger");
  return consumption;
}

std::string consumed_condition(const std::string& outbox, const std::string& ledger,
                               const std::string& adopted_to) {
  const std::string id = outbox + ".id", xid = outbox + ".xid";
  // What a position sees has no id above its top (README.md, claim C). That matters only where xids
  // of two servers meet, see adopt.hpp. A NULL target is one that sees nothing.
  return "(NOT " + ledger + ".pending @> " + id + " AND (" + id + " <= " + adopted_to + " OR (" +
         id + " <= " + ledger + ".base_top AND pg_visible_in_snapshot(" + xid + ", " + ledger +
         ".base_snapshot)) OR (" + id + " <= " + ledger + ".cursor AND pg_visible_in_snapshot(" +
         xid + ", coalesce(" + ledger + ".target_snapshot, '1:1:')))))";
}

Result<std::optional<NeededRow>> find_needed(pqxx::transaction_base& transaction,
                                             const std::string& table,
                                             const Consumption& consumption) {
  std::string values;
  for (const LedgerRow& row : consumption.rows) {
    const std::optional<Position>& target = row.progress.target;
    values += (values.empty() ? "(" : ",(") + std::to_string(row.shard) + "::smallint," +
              std::to_string(consumed_to(row, consumption.now)) + "::bigint,'" +
              row.progress.base.snapshot.to_string() + "'::pg_snapshot," +
              std::to_string(row.progress.base.top) + "::bigint," +
              std::to_string(row.progress.cursor) + "::bigint,'" +
              (target ? target->snapshot : Snapshot()).to_string() + "'::pg_snapshot,'" +
              ranges_text(row.pending) + "'::int8multirange)";
  }
  const std::string shards = std::to_string(consumption.rows.size());
  const pqxx::result answer = transaction.exec(
      "(SELECT n.shard, n.id, l.pending @> n.id FROM (VALUES " + values +
      ") AS l (shard, consumed_to, base_snapshot, base_top, cursor, target_snapshot, pending)"
      " CROSS JOIN LATERAL (SELECT o.shard, o.id FROM " +
      table + " AS o WHERE o.shard = l.shard AND o.id > l.consumed_to AND NOT " +
      consumed_condition("o", "l", std::to_string(consumption.adopted_to)) +
      " ORDER BY o.id LIMIT 1) AS n LIMIT 1)"
      " UNION ALL (SELECT o.shard, o.id, false FROM " +
      table + " AS o WHERE o.shard >= " + shards +
      " LIMIT 1) UNION ALL (SELECT o.shard, o.id, false FROM " + table +
      " AS o WHERE o.shard < 0 LIMIT 1)");
  if (answer.empty()) return std::optional<NeededRow>();
  const pqxx::row row = answer[0];
  return std::optional(NeededRow{row[0].as<int>(), row[1].as<std::int64_t>(), row[2].as<bool>()});
}

}  // namespace observerd::source
