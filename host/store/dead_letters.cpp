#include "store/dead_letters.hpp"

#include "store/count_rows.hpp"
#include "store/event_columns.hpp"
#include "store/where.hpp"
#include "store/writes.hpp"

namespace observerd::store {
namespace {

constexpr const char* kEntity = "coalesce(e.entity_name, e.entity_type)";

/// With the events (alias e), for the entity and its key.
std::string from_items(const postgres::Connection& connection) {
  return " FROM " + connection.table("observer_dlq_items") + " AS i JOIN " +
         connection.table("observer_events") + " AS e ON e.id = i.event_id";
}

std::string select_items(const postgres::Connection& connection) {
  return "SELECT i.id, i.event_id, i.delivery_id, " + std::string(kEntity) +
         " AS entity, e.entity_key, e.kind, i.observer, i.action, i.action_type, i.error,"
         " i.error_code, i.error_message, i.status, i.attempt_count, i.max_attempts, " +
         sql_rfc3339("i.created_at") + " AS created_at, " + sql_rfc3339("i.last_retry_at") +
         " AS last_retry_at, i.action_config" + from_items(connection);
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

Where conditions(const DeadLetterFilter& filter) {
  Where where;
  where.add_words("i.status = ANY ($?::text[])", filter.statuses);
  where.add_text("i.observer = $?", filter.observer);
  where.add_text("i.action = $?", filter.action);
  where.add_text("i.action_type = left($?, 50)", filter.action_type);
  where.add_text("i.error_code = $? OR i.error = $?", filter.code);
  where.add_text("e.entity_type = left($?, 100) AND " + std::string(kEntity) + " = $?",
                 filter.entity);
  where.add_text("e.entity_key = $?", filter.key);
  where.add_id("i.event_id = $?::uuid", filter.event);
  where.add_time("i.created_at >= " + sql_time("$?::bigint"), filter.since);
  where.add_time("i.created_at < " + sql_time("$?::bigint"), filter.until);
  return where;
}

}  // namespace

Result<std::vector<DeadLetterRow>> DeadLetters::list(const DeadLetterFilter& filter, int limit,
                                                     const std::optional<Uuid>& before) {
  Where where = conditions(filter);
  where.add_id("(i.created_at, i.id) < (SELECT b.created_at, b.id FROM " +
                   connection_.table("observer_dlq_items") + " AS b WHERE b.id = $?::uuid)",
               before);
  std::vector<DeadLetterRow> items;
  const Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows = transaction.exec_params(
          select_items(connection_) + where.sql() +
              " ORDER BY i.created_at DESC, i.id DESC LIMIT " + std::to_string(limit),
          pqxx::prepare::make_dynamic_params(where.values()));
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
          "SELECT attempt_number, error_message, " + sql_rfc3339("executed_at") +
              ", result, error_code, took_ms FROM " + connection_.table("observer_dlq_history") +
              " WHERE dlq_item_id = $1::uuid ORDER BY id",
          id.to_string());
      for (const pqxx::row& row : rows) {
        history.push_back({row[0].as<int>(), text_of(row[1]), text_of(row[4]), text_of(row[2]),
                           text_of(row[3]), row[5].as<std::int64_t>()});
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

Result<std::int64_t> DeadLetters::count(const DeadLetterFilter& filter) {
  return count_rows(connection_, from_items(connection_), conditions(filter), "dead letters");
}

Result<DeadLetterPage> DeadLetters::page(const DeadLetterFilter& filter, int limit,
                                         const std::optional<DeadLetterPlace>& after) {
  Where where = conditions(filter);
  if (after) {
    // Two values in one parameter: neither can hold a comma.
    where.add("(i.created_at, i.id) > (" + sql_time("split_part($?, ',', 1)::bigint") +
                  ", split_part($?, ',', 2)::uuid)",
              std::to_string(to_microseconds(after->created)) + ',' + after->id.to_string());
  }
  DeadLetterPage page;
  const Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows = transaction.exec_params(
          "SELECT i.id, " + sql_microseconds("i.created_at") + from_items(connection_) +
              where.sql() + " ORDER BY i.created_at, i.id LIMIT " + std::to_string(limit),
          pqxx::prepare::make_dynamic_params(where.values()));
      page.ids.reserve(rows.size());
      for (const pqxx::row& row : rows) {
        page.ids.push_back(Uuid::parse(row[0].c_str()).value_or(Uuid{}));
      }
      if (!rows.empty() && static_cast<int>(rows.size()) == limit) {
        page.next = DeadLetterPlace{time_of(rows.back()[1]), page.ids.back()};
      }
    } catch (...) {
      return storage_error("cannot read dead letters");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return page;
}

Result<std::vector<RetryState>> DeadLetters::retry_states(const std::vector<Uuid>& ids) {
  std::vector<RetryState> states;
  const Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows = transaction.exec_params(
          "SELECT w.id, coalesce(i.status, ''), coalesce(i.error_message, '')"
          " FROM unnest($1::uuid[]) WITH ORDINALITY AS w (id, place) LEFT JOIN " +
              connection_.table("observer_dlq_items") + " AS i ON i.id = w.id ORDER BY w.place",
          array_literal(ids));
      states.reserve(rows.size());
      for (const pqxx::row& row : rows) {
        states.push_back(
            {Uuid::parse(row[0].c_str()).value_or(Uuid{}), text_of(row[1]), text_of(row[2])});
      }
    } catch (...) {
      return storage_error("cannot read dead letters");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return states;
}

}  // namespace observerd::store
