#include "store/event_columns.hpp"
#include "store/writes.hpp"

namespace observerd::store {
namespace {

/// Attempts of several deliveries as columns; `owner` is the id they belong to.
struct HistoryColumns {
  UuidArray owner;
  Int4Array number;
  TextArray message, result, code;
  Int8Array at, took;

  void add(const Uuid& id, const Attempt& attempt) {
    owner.add_uuid(id);
    number.add_number(attempt.number);
    message.add_text(attempt.message);
    at.add_time(attempt.at);
    result.add_text(result_word(attempt.result));
    code.add_text(attempt.code);
    took.add_number(attempt.took.count());
  }
};

/// SQL: the number of the last attempt that item `id` had before this statement, 0 for none:
/// numbering goes on from there.
std::string last_attempt(const Target& target, const std::string& id) {
  return "(SELECT coalesce(max(attempt_number), 0) FROM " + target.table("observer_dlq_history") +
         " WHERE dlq_item_id = " + id + ")";
}

/// INSERT of history rows for the items that a CTE `item (id, owner, before)` yields; `before` is
/// their last_attempt. Takes parameters from `first`.
std::string insert_history(const Target& target, int first) {
  const auto parameter = [&first](const char* type) {
    return "$" + std::to_string(first++) + "::" + type + "[]";
  };
  std::string arrays = parameter("uuid");
  for (const char* type : {"int", "text", "bigint", "text", "text", "bigint"}) {
    arrays += ", " + parameter(type);
  }
  return "INSERT INTO " + target.table("observer_dlq_history") +
         " (dlq_item_id, attempt_number, error_message, executed_at, result, error_code, took_ms)"
         " SELECT item.id, item.before + h.number, h.message, " +
         sql_time("h.at") + ", h.result, h.code, h.took FROM unnest(" + arrays +
         ") WITH ORDINALITY AS h (owner, number, message, at, result, code, took, place)"
         " JOIN item ON item.owner = h.owner ORDER BY h.place";
}

}  // namespace

void write_dead_letters(const Target& target, const std::vector<const DeadLetter*>& letters) {
  if (letters.empty()) return;
  UuidArray id, event, delivery;
  TextArray type, config, message, observer, action, error, code;
  Int4Array attempts, max_attempts;
  BoolArray plain;
  HistoryColumns history;
  for (const DeadLetter* letter : letters) {
    id.add_uuid(letter->id);
    event.add_uuid(letter->event->id);
    type.add_text(letter->action_type);
    const std::string settings = json::write(letter->action_config);
    config.add_text(settings);
    plain.add_bool(surely_jsonb(settings));
    message.add_text(letter->error_message);
    attempts.add_number(letter->attempts);
    max_attempts.add_number(letter->max_attempts);
    delivery.add_uuid(letter->delivery_id);
    observer.add_text(letter->observer);
    action.add_text(letter->action);
    error.add_text(code_name(letter->error));
    code.add_text(letter->error_code);
    for (const Attempt& attempt : letter->history) history.add(letter->delivery_id, attempt);
  }
  // The same item again is the same flush again and changes nothing. Another item of the same
  // delivery is a later death of it (a replayed event): it comes back to the item it has.
  const std::string items = target.table("observer_dlq_items");
  const std::string sql =
      "WITH written AS (INSERT INTO " + items +
      " AS i (id, event_id, action_type, action_config, error_message, attempt_count,"
      " max_attempts, delivery_id, observer, action, error, error_code)"
      " SELECT r.id, r.event, left(r.type, 50), CASE WHEN r.plain THEN r.config::jsonb ELSE " +
      target.table("as_jsonb") +
      "(r.config) END, r.message, r.attempts, r.max_attempts, r.delivery, r.observer, r.action,"
      " r.error, r.code"
      " FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::text[],"
      " $7::int[], $8::int[], $9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[])"
      " AS r (id, event, type, config, plain, message, attempts, max_attempts, delivery, observer,"
      " action, error, code) ORDER BY r.delivery"
      " ON CONFLICT (delivery_id) DO UPDATE SET status = 'pending',"
      " attempt_count = i.attempt_count + EXCLUDED.attempt_count,"
      " max_attempts = EXCLUDED.max_attempts, action_config = EXCLUDED.action_config,"
      " error = EXCLUDED.error, error_code = EXCLUDED.error_code,"
      " error_message = EXCLUDED.error_message, last_retry_at = clock_timestamp()"
      " WHERE i.id <> EXCLUDED.id"
      " RETURNING i.id, i.delivery_id),"
      " item AS (SELECT w.id, w.delivery_id AS owner, " +
      last_attempt(target, "w.id") + " AS before FROM written AS w) " + insert_history(target, 14);
  target.transaction.exec_params0(
      sql, id.value(), event.value(), type.value(), config.value(), plain.value(), message.value(),
      attempts.value(), max_attempts.value(), delivery.value(), observer.value(), action.value(),
      error.value(), code.value(), history.owner.value(), history.number.value(),
      history.message.value(), history.at.value(), history.result.value(), history.code.value(),
      history.took.value());
}

void write_redrives(const Target& target, const std::vector<const FinishRedrive*>& redrives,
                    TouchedKeys* touched) {
  if (redrives.empty()) return;
  UuidArray id;
  BoolArray success;
  TextArray message, code, error;
  Int4Array attempts;
  HistoryColumns history;
  for (const FinishRedrive* redrive : redrives) {
    id.add_uuid(redrive->dead_letter);
    success.add_bool(redrive->success);
    message.add_text(redrive->error_message);
    error.add_text(code_name(redrive->error));
    // Its attempts are numbered from 1, and the first ones may not be kept.
    attempts.add_number(redrive->attempts.empty() ? 0 : redrive->attempts.back().number);
    code.add_text(redrive->attempts.empty() ? "" : redrive->attempts.back().code);
    for (const Attempt& attempt : redrive->attempts) history.add(redrive->dead_letter, attempt);
  }
  const std::string items = target.table("observer_dlq_items");
  // In one order with the command line, which locks many items at once.
  target.transaction.exec_params(
      "SELECT FROM " + items + " WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE", id.value());
  // Only what is being retried, or was until its delivery was discarded: the same flush again, or
  // an item that was set otherwise, is left.
  const std::string sql =
      "WITH item AS (UPDATE " + items +
      " AS i SET status = CASE WHEN r.success THEN 'success' ELSE 'retry_failed' END,"
      " attempt_count = i.attempt_count + r.attempts, last_retry_at = clock_timestamp(),"
      " error_message = CASE WHEN r.success THEN i.error_message ELSE r.message END,"
      " error_code = CASE WHEN r.success THEN i.error_code ELSE r.code END,"
      " error = CASE WHEN r.success THEN i.error ELSE r.error END"
      " FROM unnest($1::uuid[], $2::boolean[], $3::text[], $4::int[], $5::text[], $6::text[])"
      " AS r (id, success, message, attempts, code, error)"
      " WHERE i.id = r.id AND i.status IN ('retrying', 'pending')"
      " RETURNING i.id, i.id AS owner, " +
      last_attempt(target, "i.id") + " AS before) " + insert_history(target, 7);
  target.transaction.exec_params0(
      sql, id.value(), success.value(), message.value(), attempts.value(), code.value(),
      error.value(), history.owner.value(), history.number.value(), history.message.value(),
      history.at.value(), history.result.value(), history.code.value(), history.took.value());
  // An event is processed when the last of its dead letters has been delivered after all.
  target.transaction.exec_params0(
      "UPDATE " + target.table("observer_events") +
          " AS e SET status = 'processed', processed_at = clock_timestamp() FROM " + items +
          " AS i WHERE i.id = ANY ($1::uuid[]) AND i.status = 'success' AND e.id = i.event_id"
          " AND e.status = 'failed' AND NOT EXISTS (SELECT FROM " +
          items + " AS o WHERE o.event_id = e.id AND o.status <> 'success')",
      id.value());
  const pqxx::result gone = target.transaction.exec_params(
      "DELETE FROM " + target.table("retries") +
          " WHERE dead_letter = ANY ($1::uuid[]) RETURNING shard, ordering_key",
      id.value());
  for (const pqxx::row& row : gone) {
    const std::string key = text_of(row[1]);
    if (!key.empty()) touched->emplace_back(row[0].as<int>(), key);
  }
}

}  // namespace observerd::store
