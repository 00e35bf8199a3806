#include "store/parked_lanes.hpp"

#include "store/event_columns.hpp"

namespace observerd::store {

Result<std::vector<ParkedLane>> parked_lanes(postgres::Connection& connection) {
  std::vector<ParkedLane> lanes;
  const std::string query =
      "SELECT lane, count(*) FILTER (WHERE state = 'due'), count(*) FILTER (WHERE state = "
      "'behind'),"
      " count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE state = 'orphaned'),"
      " mode() WITHIN GROUP (ORDER BY reason) FILTER (WHERE state IN ('held', 'orphaned')), " +
      sql_rfc3339("min(due_at) FILTER (WHERE state = 'due')") + " FROM " +
      connection.table("retries") + " GROUP BY lane ORDER BY lane";
  Status status = connection.read([&](pqxx::transaction_base& transaction) {
    for (const pqxx::row& row : transaction.exec(query)) {
      ParkedLane lane;
      lane.lane = text_of(row[0]);
      lane.due = row[1].as<std::int64_t>();
      lane.behind = row[2].as<std::int64_t>();
      lane.held = row[3].as<std::int64_t>();
      lane.orphaned = row[4].as<std::int64_t>();
      lane.reason = text_of(row[5]);
      lane.earliest_due = text_of(row[6]);
      lanes.push_back(std::move(lane));
    }
    return Status();
  });
  if (!status.ok()) return status;
  return lanes;
}

}  // namespace observerd::store
