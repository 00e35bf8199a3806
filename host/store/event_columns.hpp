#pragma once

#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "event/event.hpp"
#include "store/arrays.hpp"

namespace observerd::store {

/// An event as columns, the same in observer_events and in retries.
struct EventColumns {
  UuidArray id;
  TextArray kind, entity, key, old_key, type, user, trace, new_row, old_row;
  Int8Array created, outbox_id;
  Int2Array shard;

  void add(const Event& event);
};

/// False when jsonb may refuse the text although it is JSON: then it goes through as_jsonb(), which
/// is slower. May say false of a text that would do, never true of one that would not.
bool surely_jsonb(std::string_view json_text);

/// Selects an event's columns from table alias `t`, under the names that read_event reads.
/// `id_column` and `entity` are SQL expressions.
std::string select_event(std::string_view t, std::string_view id_column, std::string_view entity);

/// The event of a row; `problem` says what of it could not be read (the texts are there anyway).
Event read_event(const pqxx::row& row, std::string* problem);

/// A text column; "" for NULL.
std::string text_of(const pqxx::field& field);
/// A microseconds column as a time; the epoch for NULL.
WallTime time_of(const pqxx::field& field);
/// SQL: a timestamptz as microseconds since 1970 (exact: extract is numeric).
std::string sql_microseconds(std::string_view expression);
/// SQL: microseconds since 1970 as a timestamptz (exact below the year 2255).
std::string sql_time(std::string_view expression);
/// SQL: a timestamptz as RFC 3339 text, UTC, microseconds; "" for NULL.
std::string sql_rfc3339(std::string_view expression);

}  // namespace observerd::store
