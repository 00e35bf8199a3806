#include "store/replay.hpp"

#include <algorithm>
#include <unordered_map>

#include "store/arrays.hpp"
#include "store/event_columns.hpp"
#include "store/from_log.hpp"
#include "store/writes.hpp"

namespace observerd::store {
namespace {

constexpr const char* kPrefix = "replay/";
/// Second half of the advisory lock (lock_class(), this) under which replays are written, one at a
/// time: each sees the ordering keys that the one before has left.
constexpr const char* kReplayLock = "2000000";

Uuid id_of(const pqxx::field& field) {
  return Uuid::parse(field.c_str()).value_or(Uuid{});
}

/// Replays as columns $1 to $7.
struct ReplayColumns {
  explicit ReplayColumns(const std::vector<Replay>& replays) {
    for (const Replay& replay : replays) {
      delivery.add_uuid(replay.delivery_id);
      event.add_uuid(replay.event_id);
      observer.add_text(replay.observer);
      action.add_text(replay.action);
      type.add_text(replay.action_type);
      key.add_text(replay.ordering_key);
    }
  }
  UuidArray delivery, event;
  TextArray observer, action, type, key;
};

using Keys = std::vector<std::pair<int, std::string>>;

/// The ordering keys of the replays, by shard.
Keys ordering_keys(const Target& target, const std::vector<Replay>& replays) {
  TextArray entity, key, ordering;
  for (const Replay& replay : replays) {
    if (replay.ordering_key.empty()) continue;
    entity.add_text(replay.entity);
    key.add_text(replay.key);
    ordering.add_text(replay.ordering_key);
  }
  Keys keys;
  if (entity.size() == 0) return keys;
  const pqxx::result rows = target.transaction.exec_params(
      "SELECT DISTINCT " + target.table("shard_of") +
          "(k.entity, k.key), k.ordering FROM unnest($1::text[], $2::text[], $3::text[])"
          " AS k (entity, key, ordering)",
      entity.value(), key.value(), ordering.value());
  for (const pqxx::row& row : rows) keys.emplace_back(row[0].as<int>(), text_of(row[1]));
  return keys;
}

/// Locks the deliveries in front of these keys. Whoever takes one out of the schedule afterwards
/// sees what is put behind it here, and releases it.
void lock_heads(const Target& target, const Keys& keys) {
  Int2Array shards;
  TextArray texts;
  for (const auto& [shard, key] : keys) {
    shards.add_number(shard);
    texts.add_text(key);
  }
  const std::string retries = target.table("retries");
  for (bool settled = false; !settled;) {
    UuidArray heads;
    const pqxx::result found = target.transaction.exec_params(
        "SELECT t.delivery_id FROM unnest($1::smallint[], $2::text[]) AS k (shard, key) JOIN " +
            retries +
            " AS t ON t.shard = k.shard AND hashtextextended(t.ordering_key, 0) ="
            " hashtextextended(k.key, 0) AND t.ordering_key = k.key AND t.state <> 'behind'"
            " AND t.ordering_key <> ''",
        shards.value(), texts.value());
    for (const pqxx::row& row : found) heads.add_uuid(id_of(row[0]));
    // One that left while we waited for its lock may have a successor, which we must lock instead.
    settled = found.empty() || target.transaction
                                       .exec_params("SELECT FROM " + retries +
                                                        " WHERE delivery_id = ANY ($1::uuid[])"
                                                        " ORDER BY delivery_id FOR UPDATE",
                                                    heads.value())
                                       .size() == found.size();
  }
}

/// What the database says of each delivery: "s" in the schedule, "l" an open dead letter, "e" the
/// event is there, "" it is not.
std::unordered_map<Uuid, std::string> look(const Target& target, const ReplayColumns& columns) {
  std::unordered_map<Uuid, std::string> states;
  const pqxx::result rows = target.transaction.exec_params(
      "SELECT d.delivery, CASE"
      " WHEN EXISTS (SELECT FROM " +
          target.table("retries") +
          " AS r WHERE r.delivery_id = d.delivery) THEN 's'"
          " WHEN NOT EXISTS (SELECT FROM " +
          target.table("observer_events") +
          " AS e WHERE e.id = d.event) THEN ''"
          " WHEN EXISTS (SELECT FROM " +
          target.table("observer_dlq_items") +
          " AS i WHERE i.delivery_id = d.delivery AND i.status IN ('pending', 'retry_failed'))"
          " THEN 'l' ELSE 'e' END"
          " FROM unnest($1::uuid[], $2::uuid[]) AS d (delivery, event)",
      columns.delivery.value(), columns.event.value());
  for (const pqxx::row& row : rows) states[id_of(row[0])] = text_of(row[1]);
  return states;
}

ReplayOutcome outcome_of(const std::string& state) {
  if (state == "s") return ReplayOutcome::InSchedule;
  if (state == "l") return ReplayOutcome::Retried;
  return state == "e" ? ReplayOutcome::Scheduled : ReplayOutcome::Gone;
}

/// What was skipped or dropped is on its way again.
void log_pending(const Target& target, const ReplayColumns& columns) {
  const std::string events = target.table("observer_events");
  target.transaction.exec_params0(
      "WITH locked AS (SELECT id FROM " + events +
          " WHERE id = ANY ($1::uuid[]) AND status IN ('skipped', 'dropped')"
          " ORDER BY id FOR NO KEY UPDATE) UPDATE " +
          events +
          " AS e SET status = 'pending', processed_at = NULL FROM locked WHERE e.id = locked.id",
      columns.event.value());
}

void insert(const Target& target, const ReplayColumns& columns,
            std::unordered_map<Uuid, ReplayOutcome>* written) {
  const std::string items = target.table("observer_dlq_items");
  // Dead letters before deliveries, each in one order with everybody.
  target.transaction.exec_params("SELECT FROM " + items +
                                     " WHERE delivery_id = ANY ($1::uuid[])"
                                     " ORDER BY id FOR UPDATE",
                                 columns.delivery.value());
  const std::string source =
      "(SELECT u.delivery AS delivery_id, u.event AS event_id, u.observer, u.action,"
      " u.type AS action_type, u.key AS ordering_key,"
      " CASE WHEN u.key = '' THEN 'due' ELSE 'behind' END AS state, i.id AS letter, u.place"
      " FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])"
      " WITH ORDINALITY AS u (delivery, event, observer, action, type, key, place) LEFT JOIN " +
      items + " AS i ON i.delivery_id = u.delivery AND i.status IN ('pending', 'retry_failed'))";
  const pqxx::result rows = target.transaction.exec_params(
      "WITH scheduled AS (" + insert_from_log(target.connection, source) +
          "), retried AS (UPDATE " + items +
          " AS i SET status = 'retrying', last_retry_at = clock_timestamp() FROM scheduled AS s"
          " WHERE i.id = s.dead_letter) SELECT delivery_id, dead_letter FROM scheduled",
      columns.delivery.value(), columns.event.value(), columns.observer.value(),
      columns.action.value(), columns.type.value(), columns.key.value());
  for (const pqxx::row& row : rows) {
    (*written)[id_of(row[0])] =
        row[1].is_null() ? ReplayOutcome::Scheduled : ReplayOutcome::Retried;
  }
  target.transaction.exec_params0(forget_discarded(target.connection), columns.delivery.value());
}

}  // namespace

std::string replay_key(const std::string& ordering_key) {
  return ordering_key.empty() ? std::string() : kPrefix + ordering_key;
}

Result<std::vector<ReplayOutcome>> schedule_replays(postgres::Connection& connection,
                                                    const std::vector<Replay>& replays) {
  std::vector<ReplayOutcome> outcomes;
  if (replays.empty()) return outcomes;
  const ReplayColumns columns(replays);
  const Status status = connection.transact([&](pqxx::work& transaction) {
    try {
      const Target target{transaction, connection};
      transaction.exec("SELECT pg_advisory_xact_lock(" + connection.table("lock_class") + "(), " +
                       kReplayLock + ")");
      log_pending(target, columns);
      const Keys keys = ordering_keys(target, replays);
      lock_heads(target, keys);
      std::unordered_map<Uuid, ReplayOutcome> written;
      insert(target, columns, &written);
      // All came behind; the first of each key is due when nothing is in front of it.
      release_next(target, keys);
      const auto states = look(target, columns);
      for (const Replay& replay : replays) {
        const auto found = written.find(replay.delivery_id);
        outcomes.push_back(found != written.end() ? found->second
                                                  : outcome_of(states.at(replay.delivery_id)));
      }
    } catch (...) {
      return storage_error("cannot schedule replays");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return outcomes;
}

Result<std::vector<ReplayOutcome>> plan_replays(postgres::Connection& connection,
                                                const std::vector<Replay>& replays) {
  std::vector<ReplayOutcome> outcomes;
  if (replays.empty()) return outcomes;
  const ReplayColumns columns(replays);
  const Status status = connection.read([&](pqxx::transaction_base& transaction) {
    try {
      const auto states = look({transaction, connection}, columns);
      for (const Replay& replay : replays) {
        outcomes.push_back(outcome_of(states.at(replay.delivery_id)));
      }
    } catch (...) {
      return storage_error("cannot look at the retry schedule");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return outcomes;
}

}  // namespace observerd::store
