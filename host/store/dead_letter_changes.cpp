#include <algorithm>
#include <unordered_map>

#include "store/dead_letters.hpp"
#include "store/event_columns.hpp"
#include "store/from_log.hpp"
#include "store/where.hpp"
#include "store/writes.hpp"

namespace observerd::store {
namespace {

std::string why_not(const std::string& status) {
  if (status.empty()) return "does not exist";
  if (status == "retrying") return "is being retried already";
  if (status == "success") return "was delivered by a retry";
  if (status == "discarded") return "was discarded";
  return "its delivery is in the retry schedule already";
}

pqxx::binarystring ids_of(const std::vector<Uuid>& ids) {
  UuidArray array;
  for (const Uuid& id : ids) array.add_uuid(id);
  return array.value();
}

/// Locks the items (in one order, so that overlapping commands cannot deadlock), lets `sql` change
/// those it wins (it takes the ids as $1 and returns the ids it changed), and says for each id what
/// became of it.
Result<std::vector<Change>> change(postgres::Connection& connection, const std::vector<Uuid>& ids,
                                   const std::string& sql) {
  std::unordered_map<Uuid, std::string> status_before;
  std::unordered_map<Uuid, bool> won;
  const Status outcome = connection.transact([&](pqxx::work& transaction) {
    try {
      const pqxx::binarystring array = ids_of(ids);
      const pqxx::result locked = transaction.exec_params(
          "SELECT id, status FROM " + connection.table("observer_dlq_items") +
              " WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE",
          array);
      for (const pqxx::row& row : locked) {
        status_before[Uuid::parse(row[0].c_str()).value_or(Uuid{})] = text_of(row[1]);
      }
      for (const pqxx::row& row : transaction.exec_params(sql, array)) {
        won[Uuid::parse(row[0].c_str()).value_or(Uuid{})] = true;
      }
    } catch (...) {
      return storage_error("cannot change dead letters");
    }
    return Status();
  });
  if (!outcome.ok()) {
    return Status::error(Code::DeadLetterQueue, outcome.message()).note("nothing was changed");
  }
  std::vector<Change> changes;
  for (const Uuid& id : ids) {
    // An id that is given twice is changed once.
    const bool done = std::exchange(won[id], false);
    std::string reason;
    if (!done) {
      const auto before = status_before.find(id);
      const bool again = std::any_of(changes.begin(), changes.end(), [&](const auto& earlier) {
        return earlier.id == id && earlier.done;
      });
      reason =
          again ? "is given twice" : why_not(before == status_before.end() ? "" : before->second);
    }
    changes.push_back({id, done, reason});
  }
  return changes;
}

}  // namespace

Result<std::vector<Change>> DeadLetters::retry(const std::vector<Uuid>& ids) {
  // A budget of its own (attempts 0), unordered. A delivery that is in the schedule already (its
  // event is being replayed) is not scheduled twice.
  const std::string items = connection_.table("observer_dlq_items");
  const std::string source =
      "(SELECT delivery_id, event_id, observer, action, action_type, '' AS ordering_key,"
      " 'due' AS state, id AS letter, 0 AS place FROM " +
      items + " WHERE id = ANY ($1::uuid[]) AND status IN ('pending', 'retry_failed'))";
  // One statement: what was discarded earlier under the same id is wanted again.
  return change(connection_, ids,
                "WITH scheduled AS (" + insert_from_log(connection_, source) +
                    "), wanted AS (DELETE FROM " + connection_.table("discarded_deliveries") +
                    " AS d USING scheduled AS s WHERE d.delivery_id = s.delivery_id) UPDATE " +
                    items +
                    " AS i SET status = 'retrying', last_retry_at = clock_timestamp()"
                    " FROM scheduled WHERE i.id = scheduled.dead_letter RETURNING i.id");
}

Result<std::vector<Change>> DeadLetters::discard(const std::vector<Uuid>& ids) {
  return change(connection_, ids,
                "UPDATE " + connection_.table("observer_dlq_items") +
                    " SET status = 'discarded' WHERE id = ANY ($1::uuid[])"
                    " AND status IN ('pending', 'retry_failed') RETURNING id");
}

namespace {

Where purgeable(const postgres::Connection& connection, const std::vector<std::string>& statuses,
                Milliseconds older_than) {
  Where where;
  where.add_words("i.status = ANY ($?::text[])", statuses);
  // What the index on the time has, then what is meant: nothing is retried before it is filed.
  where.add(
      "i.created_at < clock_timestamp() - $?::bigint * interval '1 millisecond' AND"
      " coalesce(i.last_retry_at, i.created_at) <"
      " clock_timestamp() - $?::bigint * interval '1 millisecond'",
      std::to_string(older_than.count()));
  where.add("NOT EXISTS (SELECT FROM " + connection.table("retries") +
            " AS r WHERE r.dead_letter = i.id)");
  return where;
}

}  // namespace

Result<std::int64_t> DeadLetters::count_purge(const std::vector<std::string>& statuses,
                                              Milliseconds older_than) {
  const Where where = purgeable(connection_, statuses, older_than);
  std::int64_t count = 0;
  const Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    try {
      count = transaction
                  .exec_params1("SELECT count(*) FROM " + connection_.table("observer_dlq_items") +
                                    " AS i" + where.sql(),
                                pqxx::prepare::make_dynamic_params(where.values()))[0]
                  .as<std::int64_t>();
    } catch (...) {
      return storage_error("cannot count dead letters");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return count;
}

Result<std::int64_t> DeadLetters::purge(const std::vector<std::string>& statuses,
                                        Milliseconds older_than, int batch) {
  const Where where = purgeable(connection_, statuses, older_than);
  const std::string items = connection_.table("observer_dlq_items");
  std::int64_t deleted = 0;
  const Status status = connection_.transact([&](pqxx::work& transaction) {
    try {
      deleted = static_cast<std::int64_t>(
          transaction
              .exec_params("DELETE FROM " + items + " WHERE id IN (SELECT i.id FROM " + items +
                               " AS i" + where.sql() +
                               " ORDER BY i.created_at FOR UPDATE SKIP LOCKED LIMIT " +
                               std::to_string(batch) + ")",
                           pqxx::prepare::make_dynamic_params(where.values()))
              .affected_rows());
    } catch (...) {
      return storage_error("cannot delete dead letters");
    }
    return Status();
  });
  if (!status.ok()) {
    return Status::error(Code::DeadLetterQueue, status.message()).note("nothing was changed");
  }
  return deleted;
}

}  // namespace observerd::store
