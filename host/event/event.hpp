#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/status.hpp"
#include "base/uuid.hpp"
#include "event/row.hpp"

namespace observerd {

enum class EventKind : std::uint8_t { Insert, Update, Delete, Custom };

/// "insert", "update", "delete", "custom".
std::string_view kind_name(EventKind kind);
std::optional<EventKind> parse_kind(std::string_view name);

/// One change of one entity. A plain value; once made it is only read, so it may be shared between
/// threads. `new_text` and `old_text` are the rows as they came from the database, untouched;
/// `new_row` and `old_row` the same, checked and ready to be read.
struct Event {
  Uuid id;  ///< stable for ever, see make_event_id
  EventKind kind = EventKind::Insert;
  std::string entity;
  std::string key;           ///< the entity's key as text; composite keys as a JSON array
  std::string old_key;       ///< of an update that changed the key, the key before; else empty
  std::string type;          ///< "Order.update", or what the writer of a custom event chose
  std::string user;          ///< who made the change, or empty
  std::string trace_parent;  ///< W3C traceparent, or empty
  WallTime created;

  Row new_row;  ///< absent for a delete
  Row old_row;  ///< absent for an insert and a custom event
  std::string new_text;
  std::string old_text;

  std::int32_t shard = 0;
  std::int64_t outbox_id = 0;  ///< position in the stream; grows for ever

  /// What a bare field name speaks of: the new row, of a delete the old one; nullptr when absent.
  const json::Value* row() const;
};

/// event id = UUIDv5(installation, outbox id, xid, clock, entity, key).
Uuid make_event_id(const Uuid& installation, std::int64_t outbox_id, std::uint64_t xid,
                   std::int64_t created_us, std::string_view entity, std::string_view key);
/// delivery id = UUIDv5(event id, observer name, action name). Settings never enter it.
Uuid make_delivery_id(const Uuid& event_id, std::string_view observer, std::string_view action);
/// The UUID form of a key: the key itself when it is a UUID, else derived from (entity, key).
Uuid make_entity_id(std::string_view entity, std::string_view key);

/// Reads an event as users write it for `eval` and `test`, and as event_json writes it:
/// {"kind","entity","id","new","old","user","time","type","event_id"}; synonyms event_type (a kind
/// such as INSERT, or a custom type), entity_type, entity_id, data, changes ({field:{old,new}}),
/// timestamp, user_id. Errors are OB020 with the place.
Result<Event> parse_event(std::string_view text);

/// The event as plugins and users see it, rows spliced in as they came:
/// {"event_id","kind","entity","id","type","time","user","new","old"}; absent rows are null.
std::string event_json(const Event& event);

/// RFC 3339, UTC, microseconds: "2026-01-31T12:00:00.123456Z".
std::string format_time(WallTime time);
std::optional<WallTime> parse_time(std::string_view text);

}  // namespace observerd
