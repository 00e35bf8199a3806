#include <functional>

#include "store/event_columns.hpp"
#include "store/parked_rows.hpp"
#include "store/store.hpp"
#include "store/writes.hpp"

namespace observerd::store {
namespace {

/// A lane as idx_retries_lane has it.
constexpr const char* kLane = "left(lane, 400)";

/// CTE `lanes (lane)`: the lanes of shard $1 that have due rows and are not in `closed` (a text[]
/// parameter). PostgreSQL has no skip scan: each step finds the next lane by one index look-up, so
/// that the cost is the number of lanes, not of rows.
std::string open_lanes(const std::string& retries, const char* closed) {
  const std::string next =
      "(SELECT " + std::string(kLane) + " FROM " + retries + " WHERE shard = $1 AND state = 'due'";
  return "WITH RECURSIVE every AS (SELECT " + next + " ORDER BY " + kLane +
         " LIMIT 1) AS lane UNION ALL SELECT " + next + " AND " + kLane +
         " > every.lane ORDER BY " + kLane +
         " LIMIT 1) FROM every WHERE every.lane IS NOT NULL),"
         " lanes AS (SELECT lane FROM every WHERE lane IS NOT NULL AND lane NOT IN"
         " (SELECT left(c, 400) FROM unnest(" +
         closed + "::text[]) AS c)) ";
}

pqxx::binarystring array_of(const std::vector<std::string>& texts) {
  TextArray array;
  for (const std::string& text : texts) array.add_text(text);
  return array.value();
}

/// The texts that a query gives in its only column.
Result<std::vector<std::string>> read_keys(
    postgres::Connection& connection,
    const std::function<pqxx::result(pqxx::transaction_base&)>& query) {
  std::vector<std::string> keys;
  const Status status = connection.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows = query(transaction);
      keys.reserve(rows.size());
      for (const pqxx::row& row : rows) keys.push_back(text_of(row[0]));
    } catch (...) {
      return storage_error("cannot read the retry schedule");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return keys;
}

/// What is due in shard $1 at $2 and not one of $3.
std::string is_due() {
  return " WHERE shard = $1 AND state = 'due' AND due_at <= " + sql_time("$2::bigint") +
         " AND delivery_id <> ALL ($3::uuid[])";
}
constexpr const char* kPage = " ORDER BY due_at LIMIT $4";

/// A page of due rows; `query` gets the parameters $1 to $4.
template <typename Query>
Result<std::vector<Parked>> read_due(postgres::Connection& connection,
                                     const std::vector<Uuid>& skip, const Query& query) {
  UuidArray in_flight;
  for (const Uuid& id : skip) in_flight.add_uuid(id);
  std::vector<Parked> due;
  const Status status = connection.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows = query(transaction, in_flight.value());
      due.reserve(rows.size());
      for (const pqxx::row& row : rows) due.push_back(read_parked(row));
    } catch (...) {
      return storage_error("cannot read the retry schedule");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return due;
}

}  // namespace

Result<std::vector<Parked>> due_deliveries(postgres::Connection& connection, int shard,
                                           WallTime now, int limit, const std::vector<Uuid>& skip,
                                           const std::vector<std::string>& closed_lanes) {
  const std::string retries = connection.table("retries");
  const std::string select = "SELECT " + select_parked("t") + " FROM ";
  const std::int64_t time = to_microseconds(now);
  return read_due(connection, skip,
                  [&](pqxx::transaction_base& transaction, const pqxx::binarystring& in_flight) {
                    if (closed_lanes.empty()) {
                      return transaction.exec_params(select + retries + " AS t" + is_due() + kPage,
                                                     shard, time, in_flight, limit);
                    }
                    return transaction.exec_params(
                        open_lanes(retries, "$5") + select +
                            "lanes CROSS JOIN LATERAL (SELECT * FROM " + retries + is_due() +
                            " AND " + kLane + " = lanes.lane" + kPage +
                            ") AS t ORDER BY t.due_at LIMIT $4",
                        shard, time, in_flight, limit, array_of(closed_lanes));
                  });
}

Result<std::vector<Parked>> due_in_lane(postgres::Connection& connection, int shard, WallTime now,
                                        int limit, const std::vector<Uuid>& skip,
                                        const std::string& lane) {
  const std::string sql = "SELECT " + select_parked("t") + " FROM " + connection.table("retries") +
                          " AS t" + is_due() + " AND " + kLane + " = left($5, 400)" + kPage;
  const std::int64_t time = to_microseconds(now);
  return read_due(connection, skip,
                  [&](pqxx::transaction_base& transaction, const pqxx::binarystring& in_flight) {
                    return transaction.exec_params(sql, shard, time, in_flight, limit, lane);
                  });
}

Result<std::optional<WallTime>> next_due(postgres::Connection& connection, int shard,
                                         const std::vector<std::string>& closed_lanes) {
  const std::string retries = connection.table("retries");
  const std::string earliest =
      "(SELECT min(due_at) FROM " + retries + " WHERE shard = $1 AND state = 'due'";
  std::optional<WallTime> due;
  const Status status = connection.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::row row =
          closed_lanes.empty()
              ? transaction.exec_params1("SELECT " + sql_microseconds(earliest + ")"), shard)
              : transaction.exec_params1(
                    open_lanes(retries, "$2") + "SELECT " +
                        sql_microseconds("min(" + earliest + " AND " + kLane + " = lanes.lane))") +
                        " FROM lanes",
                    shard, array_of(closed_lanes));
      if (!row[0].is_null()) due = time_of(row[0]);
    } catch (...) {
      return storage_error("cannot read the retry schedule");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return due;
}

Result<std::vector<std::string>> parked_keys(postgres::Connection& connection, int shard) {
  // Not only of the rows in front: should a key ever have lost its front (a row deleted by hand),
  // its next event parks behind and so releases the first.
  return read_keys(connection, [&](pqxx::transaction_base& transaction) {
    return transaction.exec_params("SELECT DISTINCT ordering_key FROM " +
                                       connection.table("retries") +
                                       " WHERE shard = $1 AND ordering_key <> ''",
                                   shard);
  });
}

Result<std::vector<std::string>> still_parked(postgres::Connection& connection, int shard,
                                              const std::vector<std::string>& keys) {
  // In two halves, since each index holds one half of the rows.
  const std::string parked = "EXISTS (SELECT FROM " + connection.table("retries") +
                             " WHERE shard = $1 AND hashtextextended(ordering_key, 0) ="
                             " hashtextextended(k.key, 0) AND ordering_key = k.key AND ";
  return read_keys(connection, [&](pqxx::transaction_base& transaction) {
    return transaction.exec_params(
        "SELECT DISTINCT k.key FROM unnest($2::text[]) AS k (key)"
        " WHERE " +
            parked + "state <> 'behind' AND ordering_key <> '') OR " + parked + "state = 'behind')",
        shard, array_of(keys));
  });
}

Status hold(pqxx::transaction_base& transaction, const postgres::Connection& connection,
            const std::vector<Uuid>& delivery_ids, std::string_view reason) {
  UuidArray ids;
  for (const Uuid& id : delivery_ids) ids.add_uuid(id);
  try {
    transaction.exec_params0("UPDATE " + connection.table("retries") +
                                 " SET state = 'held', reason = $2, unavailable_since = NULL"
                                 " WHERE delivery_id = ANY ($1::uuid[]) AND state <> 'behind'",
                             ids.value(), storable_text(reason));
  } catch (...) {
    return storage_error("cannot hold deliveries");
  }
  return {};
}

}  // namespace observerd::store
