#include "store/from_log.hpp"

namespace observerd::store {

std::string insert_from_log(const postgres::Connection& connection, std::string_view source) {
  const std::string entity = "coalesce(e.entity_name, e.entity_type)";
  return "INSERT INTO " + connection.table("retries") +
         " (delivery_id, shard, state, due_at, ordering_key, observer, action, action_type,"
         " dead_letter, out_of_order, event_id, outbox_id, kind, entity, entity_key, old_key, type,"
         " user_id, traceparent, created_at, new_row, old_row)"
         " SELECT r.* FROM (SELECT d.delivery_id, " +
         connection.table("shard_of") + '(' + entity +
         ", e.entity_key), d.state, statement_timestamp() + interval '1 microsecond' *"
         " row_number() OVER (ORDER BY e.created_at, e.outbox_id, d.place), d.ordering_key,"
         " d.observer, d.action, d.action_type, d.letter, true, e.id, e.outbox_id, e.kind, " +
         entity +
         ", e.entity_key, e.old_key, e.type, e.user_id, e.traceparent, e.created_at, e.new_row,"
         " e.old_row FROM " +
         std::string(source) + " AS d JOIN " + connection.table("observer_events") +
         // Sorted, so that two writers lock rows in one order.
         " AS e ON e.id = d.event_id) AS r ORDER BY r.delivery_id"
         " ON CONFLICT (delivery_id) DO NOTHING RETURNING delivery_id, dead_letter";
}

std::string forget_discarded(const postgres::Connection& connection) {
  return "DELETE FROM " + connection.table("discarded_deliveries") +
         " WHERE delivery_id = ANY ($1::uuid[])";
}

}  // namespace observerd::store
