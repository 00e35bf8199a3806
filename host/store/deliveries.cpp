#include "store/deliveries.hpp"

#include "store/count_rows.hpp"
#include "store/event_columns.hpp"
#include "store/parked_rows.hpp"
#include "store/where.hpp"
#include "store/writes.hpp"

namespace observerd::store {
namespace {

Where conditions(const DeliveryFilter& filter) {
  Where where;
  where.add_text("t.state = $?", filter.state);
  where.add_text("t.observer = $?", filter.observer);
  where.add_text("t.action = $?", filter.action);
  where.add_text("t.action_type = $?", filter.action_type);
  where.add_text("t.entity = $?", filter.entity);
  where.add_text("t.entity_key = $?", filter.key);
  where.add_text("t.lane = $?", filter.lane);
  where.add_id("t.event_id = $?::uuid", filter.event);
  return where;
}

/// The head of the ordering key, by its index; looked up for those that are behind only.
std::string head_of(const std::string& retries) {
  return "CASE WHEN t.state = 'behind' THEN (SELECT h.delivery_id FROM " + retries +
         " AS h WHERE h.shard = t.shard AND hashtextextended(h.ordering_key, 0) ="
         " hashtextextended(t.ordering_key, 0) AND h.ordering_key = t.ordering_key"
         " AND h.state <> 'behind' AND h.ordering_key <> '' LIMIT 1) END";
}

std::string select_rows(const std::string& retries) {
  return "SELECT t.delivery_id AS id, t.event_id AS event, t.dead_letter AS letter, " +
         head_of(retries) +
         " AS head, t.state AS parked_state, t.reason AS parked_reason, t.lane AS parked_lane,"
         " t.observer AS of_observer, t.action AS of_action, t.action_type AS of_type,"
         " t.entity AS of_entity, t.entity_key AS of_key, t.kind AS of_kind, " +
         sql_rfc3339("t.due_at") + " AS due, " + sql_rfc3339("t.first_at") + " AS first, " +
         sql_rfc3339("t.created_at") +
         " AS written, t.attempts AS counted, t.shard AS of_shard,"
         " t.due_at <= clock_timestamp() AS overdue, t.out_of_order AS unordered,"
         " t.history -> -1 AS latest";
}

std::optional<Uuid> id_or_none(const pqxx::field& field) {
  return field.is_null() ? std::nullopt : Uuid::parse(field.c_str());
}

DeliveryRow read_delivery(const pqxx::row& row) {
  DeliveryRow delivery;
  delivery.id = id_or_none(row["id"]).value_or(Uuid{});
  delivery.event_id = id_or_none(row["event"]).value_or(Uuid{});
  delivery.dead_letter = id_or_none(row["letter"]);
  delivery.waits_for = id_or_none(row["head"]);
  delivery.state = text_of(row["parked_state"]);
  delivery.reason = text_of(row["parked_reason"]);
  delivery.lane = text_of(row["parked_lane"]);
  delivery.observer = text_of(row["of_observer"]);
  delivery.action = text_of(row["of_action"]);
  delivery.action_type = text_of(row["of_type"]);
  delivery.entity = text_of(row["of_entity"]);
  delivery.key = text_of(row["of_key"]);
  delivery.kind = text_of(row["of_kind"]);
  delivery.due_at = text_of(row["due"]);
  delivery.first_at = text_of(row["first"]);
  delivery.event_at = text_of(row["written"]);
  delivery.attempts = row["counted"].as<int>();
  delivery.shard = row["of_shard"].as<int>();
  delivery.overdue = row["overdue"].as<bool>();
  delivery.out_of_order = row["unordered"].as<bool>();
  if (!row["latest"].is_null()) {
    std::vector<Attempt> latest = parse_history('[' + text_of(row["latest"]) + ']');
    if (!latest.empty()) delivery.last = std::move(latest.front());
  }
  return delivery;
}

}  // namespace

Result<std::vector<DeliveryRow>> Deliveries::list(const DeliveryFilter& filter, int limit,
                                                  const std::optional<Uuid>& after) {
  const std::string retries = connection_.table("retries");
  Where where = conditions(filter);
  where.add_id("(t.due_at, t.delivery_id) > (SELECT a.due_at, a.delivery_id FROM " + retries +
                   " AS a WHERE a.delivery_id = $?::uuid)",
               after);
  std::vector<DeliveryRow> deliveries;
  const Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    try {
      // The page first, so that heads are looked up for its rows only.
      const pqxx::result rows = transaction.exec_params(
          select_rows(retries) + " FROM (SELECT * FROM " + retries + " AS t" + where.sql() +
              " ORDER BY t.due_at, t.delivery_id LIMIT " + std::to_string(limit) +
              ") AS t ORDER BY t.due_at, t.delivery_id",
          pqxx::prepare::make_dynamic_params(where.values()));
      deliveries.reserve(rows.size());
      for (const pqxx::row& row : rows) deliveries.push_back(read_delivery(row));
    } catch (...) {
      return storage_error("cannot list scheduled deliveries");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return deliveries;
}

Result<std::optional<WholeDelivery>> Deliveries::find(const Uuid& id) {
  const std::string retries = connection_.table("retries");
  std::optional<WholeDelivery> found;
  const Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows =
          transaction.exec_params(select_rows(retries) + ", " + select_parked("t") + " FROM " +
                                      retries + " AS t WHERE t.delivery_id = $1::uuid",
                                  id.to_string());
      if (rows.empty()) return Status();
      Parked parked = read_parked(rows.front());
      found = WholeDelivery{read_delivery(rows.front()), std::move(parked.event),
                            std::move(parked.history), parked.tries};
    } catch (...) {
      return storage_error("cannot read a scheduled delivery");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return found;
}

Result<std::vector<DiscardedDelivery>> Deliveries::discarded(const char* column, const Uuid& id) {
  std::vector<DiscardedDelivery> found;
  const Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows = transaction.exec_params(
          "SELECT delivery_id, event_id, observer, action, " + sql_rfc3339("d.discarded_at") +
              ", last_error, attempts FROM " + connection_.table("discarded_deliveries") +
              " AS d WHERE " + column + " = $1::uuid ORDER BY d.discarded_at, delivery_id",
          id.to_string());
      found.reserve(rows.size());
      for (const pqxx::row& row : rows) {
        found.push_back({id_or_none(row[0]).value_or(Uuid{}), id_or_none(row[1]).value_or(Uuid{}),
                         text_of(row[2]), text_of(row[3]), text_of(row[4]), text_of(row[5]),
                         row[6].as<int>()});
      }
    } catch (...) {
      return storage_error("cannot read what was discarded");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return found;
}

Result<std::optional<DiscardedDelivery>> Deliveries::find_discarded(const Uuid& id) {
  Result<std::vector<DiscardedDelivery>> found = discarded("delivery_id", id);
  if (!found) return found.status();
  if (found->empty()) return std::optional<DiscardedDelivery>();
  return std::optional<DiscardedDelivery>(std::move(found->front()));
}

Result<std::vector<DiscardedDelivery>> Deliveries::discarded_of_event(const Uuid& event) {
  return discarded("event_id", event);
}

Result<std::int64_t> Deliveries::count(const DeliveryFilter& filter) {
  return count_rows(connection_, " FROM " + connection_.table("retries") + " AS t",
                    conditions(filter), "scheduled deliveries");
}

Result<std::vector<Uuid>> Deliveries::ids(const DeliveryFilter& filter, int limit,
                                          const std::optional<Uuid>& after) {
  Where where = conditions(filter);
  where.add_id("t.delivery_id > $?::uuid", after);
  std::vector<Uuid> ids;
  const Status status = connection_.read([&](pqxx::transaction_base& transaction) {
    try {
      const pqxx::result rows = transaction.exec_params(
          "SELECT t.delivery_id FROM " + connection_.table("retries") + " AS t" + where.sql() +
              " ORDER BY t.delivery_id LIMIT " + std::to_string(limit),
          pqxx::prepare::make_dynamic_params(where.values()));
      ids.reserve(rows.size());
      for (const pqxx::row& row : rows) ids.push_back(id_or_none(row[0]).value_or(Uuid{}));
    } catch (...) {
      return storage_error("cannot read the retry schedule");
    }
    return Status();
  });
  if (!status.ok()) return status;
  return ids;
}

}  // namespace observerd::store
