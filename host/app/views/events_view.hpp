#pragma once

#include "app/views/arguments.hpp"
#include "app/views/bulk.hpp"
#include "base/status.hpp"
#include "store/event_queries.hpp"

/// The event log as JSON: what `observerd events … --json` prints and the HTTP API answers. The
/// shapes are in config/schema. One connection, so one thread at a time.
namespace observerd::app::views {

struct EventQuery {
  store::EventFilter filter;
  int limit = 100;
  std::optional<Uuid> before;  ///< goes on behind this one
};
/// A page of the log on the way from old to new.
struct TailQuery {
  store::EventFilter filter;
  int limit = 100;
  std::optional<Uuid> after;  ///< goes on behind this one
};
/// since, until, entity, id, kind, status.
store::EventFilter read_event_filter(ArgumentReader& arguments);
/// The same, and limit, before.
EventQuery read_event_query(ArgumentReader& arguments);
/// from or after, one of which is needed; entity, id, kind, status, limit.
TailQuery read_tail_query(ArgumentReader& arguments);

json::Value to_json(const store::LoggedEvent& event);

/// Newest first.
Result<json::Value> list_events(postgres::Connection& connection, const EventQuery& query);
/// Oldest first, so that the last one is what the next page begins behind.
Result<json::Value> tail_events(postgres::Connection& connection, const TailQuery& query);
/// The event with its rows, and what became of its deliveries as far as that is stored: those in
/// the retry schedule, those that were discarded, dead letters. OB002 when the log has no such
/// event.
Result<json::Value> show_event(postgres::Connection& connection, const Uuid& id);

}  // namespace observerd::app::views
