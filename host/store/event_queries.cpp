#include "store/event_queries.hpp"

#include "store/event_columns.hpp"
#include "store/where.hpp"
#include "store/writes.hpp"

namespace observerd::store {
namespace {

constexpr const char* kEntity = "coalesce(e.entity_name, e.entity_type)";
constexpr const char* kNewestFirst = " ORDER BY e.created_at DESC, e.outbox_id DESC, e.id DESC";
constexpr const char* kOldestFirst = " ORDER BY e.created_at, e.outbox_id, e.id";

/// Under names that differ from those of select_event.
std::string select_logged() {
  return "SELECT e.id AS logged_id, e.status, e.kind AS logged_kind, e.type AS logged_type, " +
         std::string(kEntity) +
         " AS logged_entity, e.entity_key AS logged_key, e.old_key AS logged_old_key,"
         " e.user_id AS logged_user, " +
         sql_rfc3339("e.created_at") + " AS created, " + sql_rfc3339("e.processed_at") +
         " AS processed, e.outbox_id AS place, e.shard AS logged_shard";
}

LoggedEvent read_logged(const pqxx::row& row) {
  LoggedEvent event;
  event.id = Uuid::parse(row["logged_id"].c_str()).value_or(Uuid{});
  event.status = text_of(row["status"]);
  event.kind = text_of(row["logged_kind"]);
  event.type = text_of(row["logged_type"]);
  event.entity = text_of(row["logged_entity"]);
  event.key = text_of(row["logged_key"]);
  event.old_key = text_of(row["logged_old_key"]);
  event.user = text_of(row["logged_user"]);
  event.created_at = text_of(row["created"]);
  event.processed_at = text_of(row["processed"]);
  event.outbox_id = row["place"].as<std::int64_t>();
  event.shard = row["logged_shard"].as<int>();
  return event;
}

Where conditions(const EventFilter& filter) {
  Where where;
  where.add_ids("e.id = ANY ($?::uuid[])", filter.ids);
  where.add_time("e.created_at >= " + sql_time("$?::bigint"), filter.since);
  where.add_time("e.created_at < " + sql_time("$?::bigint"), filter.until);
  // The first half is what an index has, the second what is meant.
  where.add_text("e.entity_type = left($?, 100) AND " + std::string(kEntity) + " = $?",
                 filter.entity);
  where.add_text("e.entity_key = $?", filter.key);
  where.add_text("e.kind = $?", filter.kind);
  where.add_text("e.status = $?", filter.status);
  return where;
}

std::string from(const postgres::Connection& connection) {
  return " FROM " + connection.table("observer_events") + " AS e";
}

/// Only what stands before ('<') or behind ('>') that event.
void add_beyond(Where& where, const postgres::Connection& connection, char side,
                const std::optional<Uuid>& event) {
  const std::string that = from(connection) + " WHERE e.id = $?::uuid)";
  // The first half is what the index on the time has.
  where.add_id("e.created_at " + std::string(1, side) + "= (SELECT e.created_at" + that +
                   " AND (e.created_at, e.outbox_id, e.id) " + side +
                   " (SELECT e.created_at, e.outbox_id, e.id" + that,
               event);
}

Result<std::vector<LoggedEvent>> read_list(postgres::Connection& connection, const Where& where,
                                           const char* order, int limit) {
  std::vector<LoggedEvent> events;
  const Status status = connection.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows =
          transaction.exec_params(select_logged() + from(connection) + where.sql() + order +
                                      " LIMIT " + std::to_string(limit),
                                  pqxx::prepare::make_dynamic_params(where.values()));
      events.reserve(rows.size());
      for (const pqxx::row& row : rows) events.push_back(read_logged(row));
    } catch (...) {
      return storage_error("cannot read the event log");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return events;
}

Result<std::vector<WholeEvent>> read_whole(postgres::Connection& connection, const Where& where,
                                           int limit) {
  std::vector<WholeEvent> events;
  const Status status = connection.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows = transaction.exec_params(
          select_logged() + ", " + select_event("e", "id", kEntity) + from(connection) +
              where.sql() + kOldestFirst + " LIMIT " + std::to_string(limit),
          pqxx::prepare::make_dynamic_params(where.values()));
      events.reserve(rows.size());
      for (const pqxx::row& row : rows) {
        WholeEvent whole;
        whole.logged = read_logged(row);
        whole.event = read_event(row, &whole.problem);
        events.push_back(std::move(whole));
      }
    } catch (...) {
      return storage_error("cannot read the event log");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return events;
}

}  // namespace

Result<std::vector<LoggedEvent>> list_events(postgres::Connection& connection,
                                             const EventFilter& filter, int limit,
                                             const std::optional<Uuid>& before) {
  Where where = conditions(filter);
  add_beyond(where, connection, '<', before);
  return read_list(connection, where, kNewestFirst, limit);
}

Result<std::vector<LoggedEvent>> oldest_events(postgres::Connection& connection,
                                               const EventFilter& filter, int limit,
                                               const std::optional<Uuid>& after) {
  Where where = conditions(filter);
  add_beyond(where, connection, '>', after);
  return read_list(connection, where, kOldestFirst, limit);
}

Result<std::optional<WholeEvent>> find_event(postgres::Connection& connection, const Uuid& id) {
  Where where;
  where.add_id("e.id = $?::uuid", id);
  Result<std::vector<WholeEvent>> found = read_whole(connection, where, 1);
  if (!found) return found.status();
  if (found->empty()) return std::optional<WholeEvent>();
  return std::optional<WholeEvent>(std::move(found->front()));
}

Result<EventPage> read_events(postgres::Connection& connection, const EventFilter& filter,
                              int limit, const std::optional<EventPlace>& after) {
  Where where = conditions(filter);
  if (after) add_behind(where, *after);
  Result<std::vector<WholeEvent>> events = read_whole(connection, where, limit);
  if (!events) return events.status();
  EventPage page;
  page.events = std::move(*events);
  if (static_cast<int>(page.events.size()) == limit && limit > 0) {
    const Event& last = page.events.back().event;
    page.next = EventPlace{last.created, last.outbox_id, last.id};
  }
  return page;
}

}  // namespace observerd::store
