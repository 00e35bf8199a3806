#include "store/waiting.hpp"

#include <algorithm>

#include "store/event_columns.hpp"
#include "store/parked_rows.hpp"
#include "store/writes.hpp"

namespace observerd::store {
namespace {

/// As idx_retries_waiting has them.
constexpr const char* kWaits = "state IN ('held', 'orphaned') AND reason NOT LIKE 'storage%'";
constexpr const char* kLane = "left(lane, 400)";
constexpr std::size_t kLaneCharacters = 400;

/// Moves deliveries of a group on to another state.
Result<Released> move_on(postgres::Connection& connection, int shard, const WaitingGroup& group,
                         ParkState state, std::string_view reason, std::int64_t from, int limit) {
  const std::string retries = connection.table("retries");
  // Locked in the order of events; a row that somebody else has at hand is left for the next time.
  const std::string sql =
      "WITH chosen AS (SELECT delivery_id FROM " + retries + " WHERE shard = $1 AND " + kWaits +
      " AND observer = $2 AND action = $3 AND " + kLane +
      " = $4 AND state = $5 AND outbox_id >= $6 ORDER BY outbox_id LIMIT $7"
      " FOR UPDATE SKIP LOCKED)"
      " UPDATE " +
      retries +
      " AS t SET state = $8, due_at = clock_timestamp(), reason = $9, unavailable_since ="
      " CASE WHEN $8 = 'orphaned' THEN NULL ELSE t.unavailable_since END FROM chosen"
      " WHERE t.delivery_id = chosen.delivery_id RETURNING t.outbox_id";
  Released released;
  const Status status = connection.transact([&](pqxx::work& transaction) {
    try {
      const pqxx::result rows =
          transaction.exec_params(sql, shard, group.observer, group.action, group.lane,
                                  std::string(state_name(group.state)), from, limit,
                                  std::string(state_name(state)), storable_text(reason));
      released.count = static_cast<int>(rows.size());
      for (const pqxx::row& row : rows) {
        released.last = std::max(released.last, row[0].as<std::int64_t>());
      }
    } catch (...) {
      return storage_error("cannot move on what is held");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return released;
}

}  // namespace

std::string cut_lane(std::string_view lane) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < lane.size(); ++i) {
    // A byte that continues a character of UTF-8 begins none.
    const bool begins = (static_cast<unsigned char>(lane[i]) & 0xC0) != 0x80;
    if (begins && ++characters > kLaneCharacters) return std::string(lane.substr(0, i));
  }
  return std::string(lane);
}

Result<std::vector<WaitingGroup>> waiting_groups(postgres::Connection& connection, int shard) {
  const std::string columns = std::string("observer, action, ") + kLane + ", state";
  // PostgreSQL has no skip scan: each step finds the next group by one look-up in the index.
  const std::string next = "(SELECT observer, action, " + std::string(kLane) +
                           " AS lane, state FROM " + connection.table("retries") +
                           " WHERE shard = $1 AND " + kWaits;
  const std::string order = " ORDER BY " + columns + " LIMIT 1)";
  const std::string sql = "WITH RECURSIVE found AS (" + next + order +
                          " UNION ALL SELECT n.* FROM" + " found AS f CROSS JOIN LATERAL " + next +
                          " AND (" + columns + ") > (f.observer, f.action, f.lane, f.state)" +
                          order + " AS n) SELECT observer, action, lane, state FROM found";
  std::vector<WaitingGroup> groups;
  const Status status = connection.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows = transaction.exec_params(sql, shard);
      groups.reserve(rows.size());
      for (const pqxx::row& row : rows) {
        groups.push_back(
            {text_of(row[0]), text_of(row[1]), text_of(row[2]), parse_state(row[3].c_str())});
      }
    } catch (...) {
      return storage_error("cannot read what is held");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return groups;
}

Result<Released> release_waiting(postgres::Connection& connection, int shard,
                                 const WaitingGroup& group, std::int64_t from, int limit) {
  return move_on(connection, shard, group, ParkState::Due, "", from, limit);
}

Result<Released> orphan_waiting(postgres::Connection& connection, int shard,
                                const WaitingGroup& group, std::string_view reason,
                                std::int64_t from, int limit) {
  return move_on(connection, shard, group, ParkState::Orphaned, reason, from, limit);
}

}  // namespace observerd::store
