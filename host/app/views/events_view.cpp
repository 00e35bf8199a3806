#include "app/views/events_view.hpp"

#include "app/views/dead_letters_view.hpp"
#include "app/views/deliveries_view.hpp"

namespace observerd::app::views {
namespace {

/// More deliveries of one event than anybody configures.
constexpr int kMostOfOneEvent = 10'000;

Status no_such(const Uuid& id) {
  return Status::error(Code::NoMatch, "there is no event " + id.to_string() + " in the event log")
      .note(
          "runtime.event_log says which events are logged, runtime.event_log_retention for how "
          "long");
}

template <typename Rows>
json::Value list_of(const Rows& rows) {
  json::Value list = json::Value::array();
  for (const auto& row : rows) list.push_back(to_json(row));
  return list;
}

/// `events`, which stand beyond `edge`. An empty page may mean that the log has no such event.
Result<json::Value> page_of(postgres::Connection& connection, const std::optional<Uuid>& edge,
                            const Result<std::vector<store::LoggedEvent>>& events) {
  if (!events) return events.status();
  if (events->empty() && edge) {
    const auto there = store::find_event(connection, *edge);
    if (!there) return there.status();
    if (!*there) return no_such(*edge);
  }
  return list_of(*events);
}

}  // namespace

store::EventFilter read_event_filter(ArgumentReader& arguments) {
  store::EventFilter filter;
  filter.since = arguments.time("since");
  filter.until = arguments.time("until");
  filter.entity = arguments.text("entity");
  filter.key = arguments.text("id");
  filter.kind = arguments.word("kind", {"insert", "update", "delete", "custom"});
  filter.status =
      arguments.word("status", {"pending", "processed", "failed", "dropped", "skipped"});
  return filter;
}

EventQuery read_event_query(ArgumentReader& arguments) {
  EventQuery query;
  query.filter = read_event_filter(arguments);
  query.limit = arguments.number("limit", query.limit, 1, 1'000'000);
  query.before = arguments.id("before");
  return query;
}

TailQuery read_tail_query(ArgumentReader& arguments) {
  TailQuery query;
  query.filter = read_event_filter(arguments);
  query.filter.since = arguments.time("from");
  query.limit = arguments.number("limit", query.limit, 1, 1'000'000);
  query.after = arguments.id("after");
  if (!arguments.has("from") && !arguments.has("after")) {
    arguments.problem("where from? \"from\", a time, or \"after\", an event's id");
  }
  return query;
}

json::Value to_json(const store::LoggedEvent& event) {
  return json::Value::object({{"id", json::Value::string(event.id.to_string())},
                              {"status", json::Value::string(event.status)},
                              {"kind", json::Value::string(event.kind)},
                              {"type", json::Value::string(event.type)},
                              {"entity", json::Value::string(event.entity)},
                              {"entity_key", json::Value::string(event.key)},
                              {"old_key", text_or_null(event.old_key)},
                              {"user", text_or_null(event.user)},
                              {"created_at", json::Value::string(event.created_at)},
                              {"processed_at", text_or_null(event.processed_at)},
                              {"outbox_id", json::Value::integer(event.outbox_id)},
                              {"shard", json::Value::integer(event.shard)}});
}

Result<json::Value> list_events(postgres::Connection& connection, const EventQuery& query) {
  return page_of(connection, query.before,
                 store::list_events(connection, query.filter, query.limit, query.before));
}

Result<json::Value> tail_events(postgres::Connection& connection, const TailQuery& query) {
  return page_of(connection, query.after,
                 store::oldest_events(connection, query.filter, query.limit, query.after));
}

Result<json::Value> show_event(postgres::Connection& connection, const Uuid& id) {
  const auto found = store::find_event(connection, id);
  if (!found) return found.status();
  if (!*found) return no_such(id);
  const store::WholeEvent& whole = **found;

  store::Deliveries deliveries(connection);
  store::DeliveryFilter scheduled_filter;
  scheduled_filter.event = id;
  const auto scheduled = deliveries.list(scheduled_filter, kMostOfOneEvent);
  if (!scheduled) return scheduled.status();
  const auto discarded = deliveries.discarded_of_event(id);
  if (!discarded) return discarded.status();
  store::DeadLetterFilter letters_filter;
  letters_filter.event = id;
  const auto letters = store::DeadLetters(connection).list(letters_filter, kMostOfOneEvent);
  if (!letters) return letters.status();

  json::Value document = to_json(whole.logged);
  document.set("traceparent", text_or_null(whole.event.trace_parent));
  const auto event = json::parse(event_json(whole.event), Code::Storage);
  document.set("event", event ? *event : json::Value());
  document.set("problem", text_or_null(whole.problem));
  document.set("deliveries", list_of(*scheduled));
  document.set("discarded", list_of(*discarded));
  document.set("dead_letters", list_of(*letters));
  return document;
}

}  // namespace observerd::app::views
