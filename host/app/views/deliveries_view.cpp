#include "app/views/deliveries_view.hpp"

#include <algorithm>

namespace observerd::app::views {
namespace {

using store::Deliveries;

Status not_scheduled(const Uuid& id) {
  return Status::error(Code::NoMatch,
                       "delivery " + id.to_string() + " is not in the retry schedule")
      .note(
          "it was delivered, became a dead letter, or never failed; see observerd deliveries list");
}

std::string why(const store::DeliveryRow& row) {
  if (row.state == "behind") {
    return "waits for " +
           (row.waits_for ? "delivery " + row.waits_for->to_string() : std::string("a delivery")) +
           ", an earlier one of its entity";
  }
  if (row.state == "held" || row.state == "orphaned") {
    return row.reason.empty() ? row.state : row.reason;
  }
  if (!row.reason.empty()) return row.reason;
  if (!row.overdue) return "next attempt at " + row.due_at;
  return row.attempts == 0 ? "due, not tried yet" : "due";
}

json::Value attempt_json(const store::Attempt& attempt) {
  return json::Value::object({{"attempt", json::Value::integer(attempt.number)},
                              {"at", json::Value::string(format_time(attempt.at))},
                              {"took_ms", json::Value::integer(attempt.took.count())},
                              {"result", json::Value::string(attempt.result)},
                              {"error_code", text_or_null(attempt.code)},
                              {"error_message", text_or_null(attempt.message)}});
}

template <typename Change>
Result<Bulk> change_all(postgres::Connection& connection, const DeliveryQuery& query, bool dry_run,
                        const Progress& progress, Change change) {
  Bulk bulk;
  bulk.dry_run = dry_run;
  Deliveries deliveries(connection);
  const Result<std::int64_t> count = deliveries.count(query.filter);
  if (!count) return count.status();
  bulk.selected = query.limit > 0 ? std::min<std::int64_t>(*count, query.limit) : *count;
  if (dry_run) return bulk;
  std::optional<Uuid> last;
  for (std::int64_t left = bulk.selected; left > 0;) {
    const int size = static_cast<int>(std::min<std::int64_t>(left, kBatch));
    const Result<std::vector<Uuid>> ids = deliveries.ids(query.filter, size, last);
    if (!ids) return ids.status();
    if (ids->empty()) break;
    const Result<std::vector<store::Change>> changes = change(deliveries, *ids);
    if (!changes) return changes.status();
    bulk.add(*changes);
    left -= size;
    if (progress) progress(bulk.selected - left, bulk.selected);
    last = ids->back();
  }
  return bulk;
}

}  // namespace

DeliveryQuery read_delivery_query(ArgumentReader& arguments, int default_limit) {
  DeliveryQuery query;
  query.filter.state = arguments.word("state", {"due", "behind", "held", "orphaned"});
  query.filter.observer = arguments.text("observer");
  query.filter.action = arguments.text("action");
  query.filter.action_type = arguments.text("type");
  query.filter.entity = arguments.text("entity");
  query.filter.key = arguments.text("id");
  query.filter.lane = arguments.text("lane");
  query.filter.event = arguments.id("event");
  query.limit = arguments.number("limit", default_limit, 1, 1'000'000);
  query.after = arguments.id("after");
  return query;
}

json::Value to_json(const store::DeliveryRow& row) {
  return json::Value::object({{"id", json::Value::string(row.id.to_string())},
                              {"state", json::Value::string(row.state)},
                              {"why", json::Value::string(why(row))},
                              {"observer", json::Value::string(row.observer)},
                              {"action", json::Value::string(row.action)},
                              {"action_type", json::Value::string(row.action_type)},
                              {"entity", json::Value::string(row.entity)},
                              {"entity_key", json::Value::string(row.key)},
                              {"kind", json::Value::string(row.kind)},
                              {"attempts", json::Value::integer(row.attempts)},
                              {"due_at", json::Value::string(row.due_at)},
                              {"first_at", text_or_null(row.first_at)},
                              {"lane", text_or_null(row.lane)},
                              {"waits_for", id_or_null(row.waits_for)},
                              {"last_attempt", row.last ? attempt_json(*row.last) : json::Value()},
                              {"out_of_order", json::Value::boolean(row.out_of_order)},
                              {"dead_letter", id_or_null(row.dead_letter)},
                              {"event_id", json::Value::string(row.event_id.to_string())},
                              {"event_at", json::Value::string(row.event_at)},
                              {"shard", json::Value::integer(row.shard)}});
}

json::Value to_json(const store::DiscardedDelivery& discarded) {
  return json::Value::object({{"id", json::Value::string(discarded.id.to_string())},
                              {"observer", json::Value::string(discarded.observer)},
                              {"action", json::Value::string(discarded.action)},
                              {"attempts", json::Value::integer(discarded.attempts)},
                              {"last_error", text_or_null(discarded.last_error)},
                              {"discarded_at", json::Value::string(discarded.discarded_at)}});
}

Result<json::Value> list_deliveries(postgres::Connection& connection, const DeliveryQuery& query) {
  Deliveries deliveries(connection);
  const auto rows = deliveries.list(query.filter, query.limit, query.after);
  if (!rows) return rows.status();
  json::Value list = json::Value::array();
  for (const store::DeliveryRow& row : *rows) list.push_back(to_json(row));
  if (rows->empty() && query.after) {
    const auto there = deliveries.find(*query.after);
    if (!there) return there.status();
    if (!*there) return not_scheduled(*query.after);
  }
  return list;
}

Result<json::Value> show_delivery(postgres::Connection& connection, const Uuid& id) {
  Deliveries deliveries(connection);
  const auto found = deliveries.find(id);
  if (!found) return found.status();
  if (!*found) {
    const auto discarded = deliveries.find_discarded(id);
    if (!discarded) return discarded.status();
    if (!*discarded) return not_scheduled(id);
    const store::DiscardedDelivery& record = **discarded;
    Status status = Status::error(Code::NoMatch, "delivery " + id.to_string() + " (" +
                                                     record.observer + '/' + record.action +
                                                     ") was discarded at " + record.discarded_at);
    if (!record.last_error.empty()) status.note("its last error: " + record.last_error);
    return status.note("see observerd events show " + record.event_id.to_string());
  }
  json::Value document = to_json((*found)->row);
  const auto event = json::parse(event_json(*(*found)->event), Code::Storage);
  document.set("event", event ? *event : json::Value());
  json::Value history = json::Value::array();
  for (const store::Attempt& attempt : (*found)->history) history.push_back(attempt_json(attempt));
  document.set("history", std::move(history));
  const auto kept = static_cast<std::int64_t>((*found)->history.size());
  document.set("attempts_not_kept", json::Value::integer((*found)->tries - kept));
  return document;
}

Result<Bulk> retry_deliveries(postgres::Connection& connection, const DeliveryQuery& query,
                              bool dry_run, const Progress& progress) {
  return change_all(connection, query, dry_run, progress,
                    [](Deliveries& all, const auto& ids) { return all.retry(ids); });
}

Result<Bulk> discard_deliveries(postgres::Connection& connection, const DeliveryQuery& query,
                                bool dry_run, const Progress& progress) {
  return change_all(connection, query, dry_run, progress,
                    [](Deliveries& all, const auto& ids) { return all.discard(ids); });
}

}  // namespace observerd::app::views
