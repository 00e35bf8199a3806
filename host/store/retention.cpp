#include "store/retention.hpp"

#include "store/event_columns.hpp"
#include "store/where.hpp"
#include "store/writes.hpp"

namespace observerd::store {

Result<PurgeStep> purge_events(postgres::Connection& connection, Milliseconds older_than, int batch,
                               const std::optional<EventPlace>& from) {
  PurgeStep step;
  if (older_than <= Milliseconds(0) || batch <= 0) return step;
  const std::string events = connection.table("observer_events");
  Where old;
  old.add("e.created_at < clock_timestamp() - $?::bigint * interval '1 millisecond'",
          std::to_string(older_than.count()));
  if (from) add_behind(old, *from);
  // The candidates are locked in the order in which everybody locks events, by id, and what is
  // needed is seen after that: whoever is about to need an event has written it, and so locked it.
  const std::string looked = "SELECT e.id, " + sql_microseconds("e.created_at") +
                             ", e.outbox_id FROM " + events + " AS e" + old.sql() +
                             " ORDER BY e.created_at, e.outbox_id, e.id LIMIT " +
                             std::to_string(batch);
  const std::string locked = "SELECT id FROM " + events +
                             " WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED";
  const std::string deleted = "DELETE FROM " + events +
                              " AS e WHERE id = ANY ($1::uuid[]) AND NOT EXISTS (SELECT FROM " +
                              connection.table("observer_dlq_items") +
                              " AS i WHERE i.event_id = e.id) AND NOT EXISTS (SELECT FROM " +
                              connection.table("retries") + " AS r WHERE r.event_id = e.id)";
  const Status status = connection.transact([&](pqxx::work& transaction) {
    try {
      const pqxx::result candidates =
          transaction.exec_params(looked, pqxx::prepare::make_dynamic_params(old.values()));
      if (candidates.empty()) return Status();
      UuidArray ids;
      for (const pqxx::row& row : candidates) {
        ids.add_uuid(Uuid::parse(row[0].c_str()).value_or(Uuid{}));
      }
      UuidArray ours;
      for (const pqxx::row& row : transaction.exec_params(locked, ids.value())) {
        ours.add_uuid(Uuid::parse(row[0].c_str()).value_or(Uuid{}));
      }
      if (ours.size() > 0) {
        step.deleted = static_cast<std::int64_t>(
            transaction.exec_params(deleted, ours.value()).affected_rows());
      }
      if (static_cast<int>(candidates.size()) == batch) {
        const pqxx::row last = candidates[candidates.size() - 1];
        step.next = EventPlace{time_of(last[1]), last[2].as<std::int64_t>(),
                               Uuid::parse(last[0].c_str()).value_or(Uuid{})};
      }
    } catch (...) {
      return storage_error("cannot remove old events");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return step;
}

}  // namespace observerd::store
