#include "store/arrays.hpp"
#include "store/store.hpp"
#include "store/writes.hpp"

namespace observerd::store {

Status revive_orphans(postgres::Connection& connection, int shard,
                      const std::vector<std::pair<std::string, std::string>>& actions) {
  TextArray observers;
  TextArray names;
  for (const auto& [observer, action] : actions) {
    observers.add_text(observer);
    names.add_text(action);
  }
  return connection.transact([&](pqxx::work& transaction) {
    try {
      transaction.exec_params("UPDATE " + connection.table("retries") +
                                  " AS r SET state = 'due', reason = '', due_at = clock_timestamp()"
                                  " FROM unnest($2::text[], $3::text[]) AS known (observer, action)"
                                  " WHERE r.shard = $1 AND r.state = 'orphaned'"
                                  " AND r.observer = known.observer AND r.action = known.action",
                              shard, observers.value(), names.value());
    } catch (...) {
      return storage_error("cannot bring orphaned deliveries back");
    }
    return Status();
  });
}

}  // namespace observerd::store
