#include "store/event_columns.hpp"
#include "store/parked_rows.hpp"
#include "store/store.hpp"
#include "store/writes.hpp"

namespace observerd::store {

Result<StoreCounts> counts(postgres::Connection& connection) {
  StoreCounts counts;
  const Status status = connection.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result states =
          transaction.exec("SELECT state, count(*), " + sql_microseconds("min(due_at)") + " FROM " +
                           connection.table("retries") + " GROUP BY state");
      for (const pqxx::row& row : states) {
        const ParkState state = parse_state(row[0].c_str());
        counts.retries[static_cast<std::size_t>(state)] = row[1].as<std::int64_t>();
        if (state == ParkState::Due) counts.earliest_due = time_of(row[2]);
      }
      const pqxx::result letters =
          transaction.exec("SELECT status, count(*) FROM " +
                           connection.table("observer_dlq_items") + " GROUP BY status");
      for (const pqxx::row& row : letters) {
        const std::string name = text_of(row[0]);
        const auto count = row[1].as<std::int64_t>();
        if (name == "pending") counts.pending = count;
        if (name == "retrying") counts.retrying = count;
        if (name == "success") counts.success = count;
        if (name == "retry_failed") counts.retry_failed = count;
        if (name == "discarded") counts.discarded = count;
      }
      counts.bad_rows = transaction.exec1("SELECT count(*) FROM " + connection.table("bad_rows"))[0]
                            .as<std::int64_t>();
    } catch (...) {
      return storage_error("cannot count what is stored");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return counts;
}

}  // namespace observerd::store
