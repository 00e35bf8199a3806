#include "store/dead_letters.hpp"

#include <algorithm>
#include <unordered_map>

#include "store/event_columns.hpp"
#include "store/writes.hpp"

namespace observerd::store {
namespace {

constexpr const char* kEntity = "coalesce(e.entity_name, e.entity_type)";

std::string select_items(const postgres::Connection& connection) {
  return "SELECT i.id, i.event_id, i.delivery_id, " + std::string(kEntity) +
         " AS entity, e.entity_key, e.kind, i.observer, i.action, i.action_type, i.error,"
         " i.error_code, i.error_message, i.status, i.attempt_count, i.max_attempts, " +
         sql_rfc3339("i.created_at") + " AS created_at, " + sql_rfc3339("i.last_retry_at") +
         " AS last_retry_at, i.action_config FROM " + connection.table("observer_dlq_items") +
         " AS i JOIN " + connection.table("observer_events") + " AS e ON e.id = i.event_id";
}

DeadLetterRow read_item(const pqxx::row& row) {
  DeadLetterRow item;
  item.id = Uuid::parse(row["id"].c_str()).value_or(Uuid{});
  item.event_id = Uuid::parse(row["event_id"].c_str()).value_or(Uuid{});
  item.delivery_id = Uuid::parse(row["delivery_id"].c_str()).value_or(Uuid{});
  item.entity = text_of(row["entity"]);
  item.entity_key = text_of(row["entity_key"]);
  item.kind = text_of(row["kind"]);
  item.observer = text_of(row["observer"]);
  item.action = text_of(row["action"]);
  item.action_type = text_of(row["action_type"]);
  item.error = text_of(row["error"]);
  item.error_code = text_of(row["error_code"]);
  item.error_message = text_of(row["error_message"]);
  item.status = text_of(row["status"]);
  item.attempts = row["attempt_count"].as<int>();
  item.max_attempts = row["max_attempts"].as<int>();
  item.created_at = text_of(row["created_at"]);
  item.last_retry_at = text_of(row["last_retry_at"]);
  Result<json::Value> config = json::parse(text_of(row["action_config"]), Code::Storage);
  if (config.ok()) item.action_config = std::move(*config);
  return item;
}

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
Result<std::vector<DeadLetterChange>> change(postgres::Connection& connection,
                                             const std::vector<Uuid>& ids, const std::string& sql) {
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
  std::vector<DeadLetterChange> changes;
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

Result<std::vector<DeadLetterRow>> DeadLetters::list(const DeadLetterFilter& filter) {
  std::vector<DeadLetterRow> items;
  const auto microseconds = [](const std::optional<WallTime>& time) {
    return time ? std::to_string(to_microseconds(*time)) : std::string();
  };
  const Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows = transaction.exec_params(
          select_items(connection_) +
              " WHERE ($1 = '' OR i.status = $1) AND ($2 = '' OR i.observer = $2)"
              " AND ($3 = '' OR i.action_type = left($3, 50))"
              " AND ($4 = '' OR i.error_code = $4 OR i.error = $4)"
              " AND ($5 = '' OR " +
              kEntity +
              " = $5)"
              " AND ($6 = '' OR i.created_at >= " +
              sql_time("nullif($6, '')::bigint") + ") AND ($7 = '' OR i.created_at < " +
              sql_time("nullif($7, '')::bigint") +
              ") ORDER BY i.created_at DESC, i.id LIMIT CASE WHEN $8 > 0 THEN $8::int END",
          filter.status, filter.observer, filter.action_type, filter.code, filter.entity,
          microseconds(filter.since), microseconds(filter.until), filter.limit);
      items.reserve(rows.size());
      for (const pqxx::row& row : rows) items.push_back(read_item(row));
    } catch (...) {
      return storage_error("cannot list dead letters");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return items;
}

Result<std::optional<DeadLetterRow>> DeadLetters::find(const Uuid& id) {
  std::optional<DeadLetterRow> item;
  const Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows = transaction.exec_params(
          select_items(connection_) + " WHERE i.id = $1::uuid", id.to_string());
      if (!rows.empty()) item = read_item(rows.front());
    } catch (...) {
      return storage_error("cannot read a dead letter");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return item;
}

Result<std::vector<DeadLetterHistory>> DeadLetters::history(const Uuid& id) {
  std::vector<DeadLetterHistory> history;
  const Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows = transaction.exec_params(
          "SELECT attempt_number, error_message, " + sql_rfc3339("executed_at") + ", result FROM " +
              connection_.table("observer_dlq_history") +
              " WHERE dlq_item_id = $1::uuid ORDER BY id",
          id.to_string());
      for (const pqxx::row& row : rows) {
        history.push_back({row[0].as<int>(), text_of(row[1]), text_of(row[2]), text_of(row[3])});
      }
    } catch (...) {
      return storage_error("cannot read the history of a dead letter");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return history;
}

Result<std::string> DeadLetters::event_json(const Uuid& id) {
  std::string text;
  const Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows =
          transaction.exec_params("SELECT " + select_event("e", "id", kEntity) + " FROM " +
                                      connection_.table("observer_dlq_items") + " AS i JOIN " +
                                      connection_.table("observer_events") +
                                      " AS e ON e.id = i.event_id WHERE i.id = $1::uuid",
                                  id.to_string());
      if (rows.empty()) {
        return Status::error(Code::DeadLetterQueue, "there is no dead letter " + id.to_string());
      }
      std::string problem;  // the rows are spliced in as they are, readable or not
      text = observerd::event_json(read_event(rows.front(), &problem));
    } catch (...) {
      return storage_error("cannot read the event of a dead letter");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return text;
}

Result<std::vector<DeadLetterChange>> DeadLetters::retry(const std::vector<Uuid>& ids) {
  // A budget of its own (attempts 0), unordered, in the shard that the key belongs to now. A
  // delivery that is in the schedule already (its event is being replayed) is not scheduled twice.
  const std::string items = connection_.table("observer_dlq_items");
  return change(
      connection_, ids,
      "WITH scheduled AS (INSERT INTO " + connection_.table("retries") +
          " (delivery_id, shard, state, due_at, observer, action, action_type, dead_letter,"
          " out_of_order, event_id, outbox_id, kind, entity, entity_key, old_key, type, user_id,"
          " traceparent, created_at, new_row, old_row)"
          " SELECT i.delivery_id, " +
          connection_.table("shard_of") + "(" + kEntity +
          ", e.entity_key), 'due', clock_timestamp(), i.observer, i.action, i.action_type, i.id,"
          " true, e.id, e.outbox_id, e.kind, " +
          kEntity +
          ", e.entity_key, e.old_key, e.type, e.user_id, e.traceparent, e.created_at, e.new_row,"
          " e.old_row FROM " +
          items + " AS i JOIN " + connection_.table("observer_events") +
          " AS e ON e.id = i.event_id WHERE i.id = ANY ($1::uuid[])"
          " AND i.status IN ('pending', 'retry_failed') ORDER BY i.delivery_id"
          " ON CONFLICT (delivery_id) DO NOTHING RETURNING dead_letter)"
          " UPDATE " +
          items +
          " AS i SET status = 'retrying', last_retry_at = clock_timestamp() FROM scheduled"
          " WHERE i.id = scheduled.dead_letter RETURNING i.id");
}

Result<std::vector<DeadLetterChange>> DeadLetters::discard(const std::vector<Uuid>& ids) {
  return change(connection_, ids,
                "UPDATE " + connection_.table("observer_dlq_items") +
                    " SET status = 'discarded' WHERE id = ANY ($1::uuid[])"
                    " AND status IN ('pending', 'retry_failed') RETURNING id");
}

Result<DeadLetterStats> DeadLetters::stats() {
  DeadLetterStats stats;
  const Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows = transaction.exec(
          "SELECT observer, action_type, error_code, status, count(*), " +
          sql_rfc3339("min(created_at)") + " FROM " + connection_.table("observer_dlq_items") +
          " GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4");
      for (const pqxx::row& row : rows) {
        stats.lines.push_back({text_of(row[0]), text_of(row[1]), text_of(row[2]), text_of(row[3]),
                               row[4].as<std::int64_t>(), text_of(row[5])});
        stats.total += stats.lines.back().count;
      }
    } catch (...) {
      return storage_error("cannot count dead letters");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return stats;
}

}  // namespace observerd::store
