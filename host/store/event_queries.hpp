#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/status.hpp"
#include "base/uuid.hpp"
#include "event/event.hpp"
#include "postgres/connection.hpp"
#include "store/event_place.hpp"

/// The event log (observer_events) as it is read: by people, by `events tail`, and by a replay.
/// Errors are OB019. One connection, so one thread at a time.
namespace observerd::store {

/// Which events; an empty member means any.
struct EventFilter {
  std::optional<WallTime> since;  ///< written at or after
  std::optional<WallTime> until;  ///< written before
  std::string entity;
  std::string key;
  std::string kind;    ///< "insert", "update", "delete", "custom"
  std::string status;  ///< "pending", "processed", "failed", "dropped", "skipped"
  std::vector<Uuid> ids;
};

/// A row of the event log without the entity's rows.
struct LoggedEvent {
  Uuid id;
  std::string status, kind, type, entity, key, old_key, user;
  std::string created_at, processed_at;  ///< RFC 3339, or ""
  std::int64_t outbox_id = 0;
  int shard = 0;
};

/// Newest first, at most `limit`; with `before`, those that stand behind that event in this order.
Result<std::vector<LoggedEvent>> list_events(postgres::Connection& connection,
                                             const EventFilter& filter, int limit,
                                             const std::optional<Uuid>& before = {});
/// The same, oldest first; with `after`, those that stand behind that event in this order.
Result<std::vector<LoggedEvent>> oldest_events(postgres::Connection& connection,
                                               const EventFilter& filter, int limit,
                                               const std::optional<Uuid>& after = {});

struct WholeEvent {
  LoggedEvent logged;
  Event event;          ///< rows to the letter
  std::string problem;  ///< what of the rows cannot be read, or ""
};
/// nullopt when the log has no such event.
Result<std::optional<WholeEvent>> find_event(postgres::Connection& connection, const Uuid& id);

struct EventPage {
  std::vector<WholeEvent> events;  ///< in the order in which they were written
  std::optional<EventPlace> next;  ///< nullopt: there is nothing behind this page
};
/// A page of at most `limit` events behind `after`, oldest first.
Result<EventPage> read_events(postgres::Connection& connection, const EventFilter& filter,
                              int limit, const std::optional<EventPlace>& after = {});

}  // namespace observerd::store
