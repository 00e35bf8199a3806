#include <algorithm>
#include <limits>

#include "store/event_columns.hpp"
#include "store/writes.hpp"

namespace observerd::store {

std::string_view state_name(ParkState state) {
  switch (state) {
    case ParkState::Due:
      return "due";
    case ParkState::Behind:
      return "behind";
    case ParkState::Held:
      return "held";
    case ParkState::Orphaned:
      return "orphaned";
  }
  return "orphaned";
}

std::string_view cause_name(HoldCause cause) {
  switch (cause) {
    case HoldCause::Paused:
      return "paused";
    case HoldCause::Blocked:
      return "blocked";
    case HoldCause::Gone:
      return "gone";
    case HoldCause::Misconfigured:
      return "misconfigured";
    case HoldCause::Breaker:
      return "breaker";
    case HoldCause::Throttled:
      return "throttled";
    case HoldCause::Rate:
      return "rate";
    case HoldCause::Storage:
      return "storage";
  }
  return "storage";
}

std::string hold_reason(HoldCause cause, std::string_view detail) {
  std::string reason(cause_name(cause));
  if (!detail.empty()) reason.append(": ").append(detail);
  return reason;
}

void write_parked(const Target& target, const std::vector<const Parked*>& parked) {
  if (parked.empty()) return;
  EventColumns event;
  UuidArray delivery, letter;
  TextArray state, key, observer, action, type, lane, reason, history;
  Int8Array due, first, unavailable;
  Int4Array attempts, tries;
  BoolArray out_of_order;
  for (const Parked* row : parked) {
    event.add(*row->event);
    delivery.add_uuid(row->delivery_id);
    state.add_text(state_name(row->state));
    due.add_time(row->due);
    key.add_text(row->ordering_key);
    observer.add_text(row->observer);
    action.add_text(row->action);
    type.add_text(row->action_type);
    lane.add_text(row->lane);
    reason.add_text(row->reason);
    attempts.add_number(row->attempts);
    tries.add_number(row->tries);
    row->first_at == WallTime{} ? first.add_null() : first.add_time(row->first_at);
    row->unavailable_since ? unavailable.add_time(*row->unavailable_since) : unavailable.add_null();
    history.add_json_or_null(history_json(row->history));
    row->dead_letter ? letter.add_uuid(*row->dead_letter) : letter.add_null();
    out_of_order.add_bool(row->out_of_order);
  }
  // The event's columns are left alone when the row is there: large rows are not written again
  // for every attempt. Sorted, so that two writers lock rows in one order.
  const std::string sql =
      "INSERT INTO " + target.table("retries") +
      " AS t (delivery_id, shard, state, due_at, ordering_key, observer, action, action_type, lane,"
      " reason, attempts, first_at, history, dead_letter, out_of_order, event_id, outbox_id, kind,"
      " entity, entity_key, old_key, type, user_id, traceparent, created_at, new_row, old_row,"
      " unavailable_since, tries)"
      " SELECT r.delivery, r.shard, r.state, " +
      sql_time("r.due") +
      ", r.ordering_key, r.observer, r.action, r.action_type, r.lane, r.reason, r.attempts, " +
      sql_time("r.first") +
      ", r.history::json, r.letter, r.out_of_order, r.id, r.outbox_id, r.kind, r.entity, r.key,"
      " r.old_key, r.type, r.user_id, r.trace, " +
      sql_time("r.created") + ", r.new_row::json, r.old_row::json, " + sql_time("r.unavailable") +
      ", r.tries"
      " FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],"
      " $7::text[], $8::text[], $9::bigint[], $10::text[], $11::text[], $12::smallint[],"
      " $13::bigint[], $14::uuid[], $15::text[], $16::bigint[], $17::text[], $18::text[],"
      " $19::text[], $20::text[], $21::text[], $22::text[], $23::int[], $24::bigint[],"
      " $25::text[], $26::uuid[], $27::boolean[], $28::bigint[], $29::int[])"
      " AS r (id, kind, entity, key, old_key, type, user_id, trace, created, new_row, old_row,"
      " shard, outbox_id, delivery, state, due, ordering_key, observer, action, action_type, lane,"
      " reason, attempts, first, history, letter, out_of_order, unavailable, tries)"
      " ORDER BY r.delivery"
      " ON CONFLICT (delivery_id) DO UPDATE SET shard = EXCLUDED.shard, state = EXCLUDED.state,"
      " due_at = EXCLUDED.due_at, ordering_key = EXCLUDED.ordering_key,"
      " action_type = EXCLUDED.action_type, lane = EXCLUDED.lane, reason = EXCLUDED.reason,"
      " attempts = EXCLUDED.attempts, first_at = coalesce(EXCLUDED.first_at, t.first_at),"
      " unavailable_since = EXCLUDED.unavailable_since, tries = EXCLUDED.tries,"
      " history = EXCLUDED.history, dead_letter = coalesce(EXCLUDED.dead_letter, t.dead_letter),"
      " out_of_order = EXCLUDED.out_of_order";
  target.transaction.exec_params0(
      sql, event.id.value(), event.kind.value(), event.entity.value(), event.key.value(),
      event.old_key.value(), event.type.value(), event.user.value(), event.trace.value(),
      event.created.value(), event.new_row.value(), event.old_row.value(), event.shard.value(),
      event.outbox_id.value(), delivery.value(), state.value(), due.value(), key.value(),
      observer.value(), action.value(), type.value(), lane.value(), reason.value(),
      attempts.value(), first.value(), history.value(), letter.value(), out_of_order.value(),
      unavailable.value(), tries.value());
}

void delete_parked(const Target& target, const std::vector<Uuid>& delivery_ids,
                   TouchedKeys* touched) {
  if (delivery_ids.empty()) return;
  UuidArray ids;
  for (const Uuid& id : delivery_ids) ids.add_uuid(id);
  const std::string retries = target.table("retries");
  const pqxx::result gone = target.transaction.exec_params(
      "WITH gone AS (SELECT delivery_id FROM " + retries +
          " WHERE delivery_id = ANY ($1::uuid[]) ORDER BY delivery_id FOR UPDATE)"
          " DELETE FROM " +
          retries +
          " AS t USING gone WHERE t.delivery_id = gone.delivery_id"
          " RETURNING t.shard, t.ordering_key, t.dead_letter",
      ids.value());
  UuidArray unfinished;
  for (const pqxx::row& row : gone) {
    const std::string key = text_of(row[1]);
    if (!key.empty()) touched->emplace_back(row[0].as<int>(), key);
    if (!row[2].is_null()) unfinished.add_uuid(Uuid::parse(row[2].c_str()).value_or(Uuid{}));
  }
  if (unfinished.size() == 0) return;
  // A re-drive that left the schedule without a result (the row was discarded, or the same
  // delivery went another way): the item must not say "retrying" for ever.
  target.transaction.exec_params0("UPDATE " + target.table("observer_dlq_items") +
                                      " SET status = 'pending' WHERE id = ANY ($1::uuid[])"
                                      " AND status = 'retrying'",
                                  unfinished.value());
}

void release_next(const Target& target, const TouchedKeys& touched, const ReleaseLimit& limit) {
  if (touched.empty()) return;
  TouchedKeys keys = touched;
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  Int2Array shards;
  TextArray texts;
  Int8Array limits;
  for (const auto& [shard, key] : keys) {
    shards.add_number(shard);
    texts.add_text(key);
    limits.add_number(limit ? limit(key) : std::numeric_limits<std::int64_t>::max());
  }
  // Both looks are one index step for each key, however many rows wait behind it. The hash finds
  // the entries, the key itself decides.
  const std::string retries = target.table("retries");
  const std::string same_key =
      "shard = k.shard AND hashtextextended(ordering_key, 0) = hashtextextended(k.key, 0)"
      " AND ordering_key = k.key";
  target.transaction.exec_params0(
      "UPDATE " + retries +
          " AS t SET state = 'due', due_at = clock_timestamp(), reason = ''"
          " FROM unnest($1::smallint[], $2::text[], $3::bigint[]) AS k (shard, key, before)"
          " CROSS JOIN LATERAL (SELECT delivery_id, outbox_id FROM " +
          retries + " WHERE " + same_key +
          " AND state = 'behind' ORDER BY outbox_id, delivery_id LIMIT 1) AS n"
          " WHERE t.delivery_id = n.delivery_id AND n.outbox_id < k.before AND NOT EXISTS (SELECT "
          "FROM " +
          retries + " WHERE " + same_key + " AND state <> 'behind' AND ordering_key <> '')",
      shards.value(), texts.value(), limits.value());
}

}  // namespace observerd::store
