#include <algorithm>

#include "store/event_columns.hpp"
#include "store/writes.hpp"

namespace observerd::store {

void write_events(const Target& target, const std::vector<EventRow>& unsorted) {
  if (unsorted.empty()) return;
  // Rows are locked in one order by everybody.
  std::vector<EventRow> rows = unsorted;
  std::sort(rows.begin(), rows.end(),
            [](const EventRow& a, const EventRow& b) { return a.event->id < b.event->id; });
  EventColumns columns;
  UuidArray entity_id;
  TextArray status;
  BoolArray plain;
  for (const EventRow& row : rows) {
    const Event& event = *row.event;
    columns.add(event);
    entity_id.add_uuid(make_entity_id(event.entity, event.key));
    status.add_text(row.status);
    plain.add_bool(surely_jsonb(event.new_text.empty() ? event.old_text : event.new_text));
  }
  const std::string events = target.table("observer_events");
  const std::string sql =
      "INSERT INTO " + events +
      " AS e (id, event_type, entity_type, entity_id, data, created_at, processed_at, status, kind,"
      " type, entity_name, entity_key, old_key, new_row, old_row, user_id, traceparent, shard,"
      " outbox_id)"
      " SELECT r.id, left(CASE r.kind WHEN 'custom' THEN r.type ELSE upper(r.kind) END, 50),"
      " left(r.entity, 100), r.entity_id,"
      " coalesce(CASE WHEN r.plain THEN coalesce(r.new_row, r.old_row)::jsonb ELSE " +
      target.table("as_jsonb") + "(coalesce(r.new_row, r.old_row)) END, '{}'), " +
      sql_time("r.created") +
      ", CASE WHEN r.status <> 'pending' THEN clock_timestamp() END, r.status, r.kind, r.type,"
      " CASE WHEN length(r.entity) > 100 THEN r.entity END, r.key, r.old_key, r.new_row::json,"
      " r.old_row::json, r.user_id, r.trace, r.shard, r.outbox_id"
      " FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],"
      " $7::text[], $8::text[], $9::bigint[], $10::text[], $11::text[], $12::smallint[],"
      " $13::bigint[], $14::uuid[], $15::text[], $16::boolean[])"
      " AS r (id, kind, entity, key, old_key, type, user_id, trace, created, new_row, old_row,"
      " shard, outbox_id, entity_id, status, plain)"
      " ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status,"
      " processed_at = EXCLUDED.processed_at"
      // An event with an open dead letter stays failed, whatever its other deliveries did; and what
      // was skipped stays skipped.
      " WHERE EXCLUDED.status IN ('failed', 'skipped') OR e.status <> 'skipped' AND NOT EXISTS "
      "(SELECT FROM " +
      target.table("observer_dlq_items") +
      " AS i WHERE i.event_id = e.id AND i.status <> 'success')";
  target.transaction.exec_params0(
      sql, columns.id.value(), columns.kind.value(), columns.entity.value(), columns.key.value(),
      columns.old_key.value(), columns.type.value(), columns.user.value(), columns.trace.value(),
      columns.created.value(), columns.new_row.value(), columns.old_row.value(),
      columns.shard.value(), columns.outbox_id.value(), entity_id.value(), status.value(),
      plain.value());
}

void keep_pending(const Target& target, const std::vector<EventRow>& rows) {
  UuidArray ids;
  for (const EventRow& row : rows) {
    if (row.status == "processed") ids.add_uuid(row.event->id);
  }
  if (ids.size() == 0) return;
  target.transaction.exec_params0(
      "UPDATE " + target.table("observer_events") +
          " AS e SET status = 'pending', processed_at = NULL"
          " WHERE e.id = ANY ($1::uuid[]) AND e.status = 'processed' AND EXISTS (SELECT FROM " +
          target.table("retries") + " AS r WHERE r.event_id = e.id)",
      ids.value());
}

}  // namespace observerd::store
