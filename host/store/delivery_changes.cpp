#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "store/deliveries.hpp"
#include "store/event_columns.hpp"
#include "store/parked_rows.hpp"
#include "store/where.hpp"
#include "store/writes.hpp"

namespace observerd::store {
namespace {

/// How long it is known what was discarded: as a record for people, and so that no try that was
/// under way schedules it again, however long its queue in the daemon is.
constexpr const char* kKeepDiscarded = "interval '30 days'";

Uuid id_of(const pqxx::field& field) {
  return Uuid::parse(field.c_str()).value_or(Uuid{});
}

/// What became of each id, in the order of `ids`; `why_not` knows those that were not changed.
std::vector<Change> changes_of(const std::vector<Uuid>& ids, std::unordered_set<Uuid> changed,
                               const std::unordered_map<Uuid, std::string>& why_not) {
  std::unordered_set<Uuid> told;
  std::vector<Change> changes;
  changes.reserve(ids.size());
  for (const Uuid& id : ids) {
    Change change{id, changed.erase(id) > 0, ""};
    if (!change.done) {
      const auto reason = why_not.find(id);
      change.why_not = told.count(id) > 0        ? "is given twice"
                       : reason != why_not.end() ? reason->second
                                                 : "is not in the retry schedule";
    }
    told.insert(id);
    changes.push_back(std::move(change));
  }
  return changes;
}

/// The rows to be discarded, locked in the order in which everybody locks: events, dead letters,
/// deliveries.
pqxx::result lock_rows(const Target& target, const std::string& ids) {
  const std::string of_these =
      " FROM " + target.table("retries") + " WHERE delivery_id = ANY ($1::uuid[]) AND ";
  target.transaction.exec_params("SELECT FROM " + target.table("observer_events") +
                                     " WHERE id IN (SELECT event_id" + of_these +
                                     "true) ORDER BY id FOR NO KEY UPDATE",
                                 ids);
  target.transaction.exec_params("SELECT FROM " + target.table("observer_dlq_items") +
                                     " WHERE id IN (SELECT dead_letter" + of_these +
                                     "dead_letter IS NOT NULL) ORDER BY id FOR UPDATE",
                                 ids);
  return target.transaction.exec_params("SELECT delivery_id, event_id, out_of_order" + of_these +
                                            "true ORDER BY delivery_id FOR UPDATE",
                                        ids);
}

void record(const Target& target, const std::string& ids) {
  target.transaction.exec_params0(
      "INSERT INTO " + target.table("discarded_deliveries") +
          " AS d (delivery_id, event_id, observer, action, ordering_key, attempts, last_error)"
          " SELECT delivery_id, event_id, observer, action, ordering_key, attempts,"
          " coalesce(history -> -1 ->> 'message', '') FROM " +
          target.table("retries") +
          " WHERE delivery_id = ANY ($1::uuid[]) ORDER BY delivery_id"
          " ON CONFLICT (delivery_id) DO UPDATE SET ordering_key = EXCLUDED.ordering_key,"
          " attempts = EXCLUDED.attempts, last_error = EXCLUDED.last_error,"
          " discarded_at = EXCLUDED.discarded_at",
      ids);
  target.transaction.exec_params0("DELETE FROM " + target.table("discarded_deliveries") +
                                  " WHERE discarded_at < clock_timestamp() - " + kKeepDiscarded);
}

/// Events that the log does not hold (`event_log` says so, or they were removed) get a row now:
/// what was given up by hand leaves a trace.
void log_missing(const Target& target, const std::string& ids) {
  const pqxx::result rows = target.transaction.exec_params(
      "SELECT DISTINCT ON (t.event_id) " + select_parked("t") + " FROM " + target.table("retries") +
          " AS t WHERE t.delivery_id = ANY ($1::uuid[]) AND NOT t.out_of_order"
          " AND NOT EXISTS (SELECT FROM " +
          target.table("observer_events") + " AS e WHERE e.id = t.event_id) ORDER BY t.event_id",
      ids);
  std::vector<Parked> parked;
  for (const pqxx::row& row : rows) parked.push_back(read_parked(row));
  std::vector<EventRow> missing;
  for (const Parked& one : parked) missing.push_back({one.event.get(), "skipped"});
  write_events(target, missing);
}

void log_skipped(const Target& target, const std::vector<Uuid>& events) {
  // Failed stays failed; what has other deliveries in the schedule is not through.
  target.transaction.exec_params0(
      "UPDATE " + target.table("observer_events") +
          " AS e SET status = 'skipped', processed_at = clock_timestamp()"
          " WHERE e.id = ANY ($1::uuid[]) AND e.status IN ('pending', 'processed')"
          " AND NOT EXISTS (SELECT FROM " +
          target.table("retries") + " AS r WHERE r.event_id = e.id)",
      array_literal(events));
}

}  // namespace

Result<std::vector<Change>> Deliveries::retry(const std::vector<Uuid>& ids) {
  std::unordered_set<Uuid> changed;
  std::unordered_map<Uuid, std::string> why_not;
  const std::string retries = connection_.table("retries");
  const Status status = connection_.transact([&](pqxx::work& transaction) {
    try {
      const pqxx::result rows = transaction.exec_params(
          "WITH locked AS (SELECT delivery_id, state FROM " + retries +
              " WHERE delivery_id = ANY ($1::uuid[]) ORDER BY delivery_id FOR UPDATE),"
              " changed AS (UPDATE " +
              retries +
              " AS t SET state = 'due', due_at = clock_timestamp(), reason = '',"
              " unavailable_since = NULL FROM locked WHERE t.delivery_id = locked.delivery_id AND "
              "locked.state <> 'behind')"
              " SELECT delivery_id, state FROM locked",
          array_literal(ids));
      for (const pqxx::row& row : rows) {
        if (text_of(row[1]) == "behind") {
          why_not[id_of(row[0])] = "waits for an earlier delivery of its entity";
        } else {
          changed.insert(id_of(row[0]));
        }
      }
    } catch (...) {
      return storage_error("cannot change scheduled deliveries");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return changes_of(ids, std::move(changed), why_not);
}

Result<std::vector<Change>> Deliveries::discard(const std::vector<Uuid>& ids) {
  std::unordered_set<Uuid> changed;
  const Status status = connection_.transact([&](pqxx::work& transaction) {
    try {
      const Target target{transaction, connection_};
      std::vector<Uuid> leaving;
      std::vector<Uuid> events;
      for (const pqxx::row& row : lock_rows(target, array_literal(ids))) {
        leaving.push_back(id_of(row[0]));
        // A re-drive or a replay given up leaves the event as it was before.
        if (!row[2].as<bool>()) events.push_back(id_of(row[1]));
      }
      if (leaving.empty()) return Status();
      const std::string these = array_literal(leaving);
      record(target, these);
      log_missing(target, these);
      TouchedKeys touched;
      delete_parked(target, leaving, &touched);
      log_skipped(target, events);
      release_next(target, touched);
      changed.insert(leaving.begin(), leaving.end());
    } catch (...) {
      return storage_error("cannot discard scheduled deliveries");
    }
    return Status();
  });
  if (!status.ok()) return status;
  std::unordered_map<Uuid, std::string> why_not;
  for (const Uuid& id : ids) {
    if (changed.count(id) > 0) continue;
    const auto before = find_discarded(id);
    if (!before) return before.status();
    if (*before) why_not[id] = "was discarded at " + (*before)->discarded_at;
  }
  return changes_of(ids, std::move(changed), why_not);
}

void void_discarded(const Target& target, const std::vector<const Parked*>& staying,
                    const std::vector<Uuid>& leaving, const std::vector<const DeadLetter*>& letters,
                    TouchedKeys* touched) {
  if (staying.empty() && leaving.empty()) return;
  UuidArray ids;
  for (const Parked* parked : staying) ids.add_uuid(parked->delivery_id);
  for (const Uuid& id : leaving) ids.add_uuid(id);
  const pqxx::result rows = target.transaction.exec_params(
      "SELECT delivery_id, event_id, observer, ordering_key FROM " +
          target.table("discarded_deliveries") + " WHERE delivery_id = ANY ($1::uuid[])",
      ids.value());
  if (rows.empty()) return;

  std::unordered_set<Uuid> discarded;
  std::unordered_set<std::string> sequences;  // of which the rest must not go on
  std::vector<Uuid> events;
  for (const pqxx::row& row : rows) {
    const Uuid id = id_of(row[0]);
    discarded.insert(id);
    events.push_back(id_of(row[1]));
    if (std::find(leaving.begin(), leaving.end(), id) == leaving.end()) continue;
    sequences.insert(text_of(row[1]) + text_of(row[3]) + '\n' + text_of(row[2]));
  }
  std::vector<Uuid> back;
  for (const Parked* parked : staying) {
    const std::string sequence =
        parked->event->id.to_string() + parked->ordering_key + '\n' + parked->observer;
    const bool rest = !parked->ordering_key.empty() && sequences.count(sequence) > 0;
    if (rest || discarded.count(parked->delivery_id) > 0) back.push_back(parked->delivery_id);
  }
  delete_parked(target, back, touched);
  std::vector<Uuid> buried;
  for (const DeadLetter* letter : letters) {
    if (discarded.count(letter->delivery_id) > 0) buried.push_back(letter->delivery_id);
  }
  target.transaction.exec_params0("UPDATE " + target.table("observer_dlq_items") +
                                      " SET status = 'discarded' WHERE status = 'pending'"
                                      " AND delivery_id = ANY ($1::uuid[])",
                                  array_literal(buried));
  target.transaction.exec_params0(
      "UPDATE " + target.table("observer_events") +
          " AS e SET status = 'skipped', processed_at = clock_timestamp()"
          " WHERE e.id = ANY ($1::uuid[]) AND e.status = 'pending' AND NOT EXISTS (SELECT FROM " +
          target.table("retries") + " AS r WHERE r.event_id = e.id)",
      array_literal(events));
}

}  // namespace observerd::store
