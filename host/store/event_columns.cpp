#include "store/event_columns.hpp"

#include "base/json.hpp"

namespace observerd::store {
namespace {

void parse_row(const std::string& text, std::string_view which, Row* row, std::string* problem) {
  if (text.empty()) return;
  Result<Row> parsed = Row::parse(text, Code::BadEvent);
  if (parsed.ok()) {
    *row = std::move(*parsed);
  } else if (problem->empty()) {
    *problem = std::string("the ") + std::string(which) +
               " row cannot be read: " + parsed.status().message();
  }
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

void EventColumns::add(const Event& event) {
  id.add_uuid(event.id);
  kind.add_text(kind_name(event.kind));
  entity.add_text(event.entity);
  key.add_text(event.key);
  old_key.add_text_or_null(event.old_key);
  type.add_text(event.type);
  user.add_text_or_null(event.user);
  trace.add_text_or_null(event.trace_parent);
  created.add_time(event.created);
  new_row.add_json_or_null(event.new_text);
  old_row.add_json_or_null(event.old_text);
  shard.add_number(event.shard);
  outbox_id.add_number(event.outbox_id);
}

bool surely_jsonb(std::string_view text) {
  // Any \u escape: NUL, a lone surrogate, or a character that the database's encoding lacks.
  if (text.find("\\u") != std::string_view::npos) return false;
  // numeric takes 16,383 digits behind the point and 131,072 before it: only a literal of
  // thousands of digits or with an exponent of four digits and more can be beyond.
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i])) {
      if (++digits > 1000) return false;
      continue;
    }
    if (digits > 0 && (text[i] == 'e' || text[i] == 'E')) {
      std::size_t at = i + 1;
      if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
      std::size_t exponent = 0;
      while (at + exponent < text.size() && is_digit(text[at + exponent])) ++exponent;
      if (exponent > 3) return false;
    }
    digits = 0;
  }
  return true;
}

std::string select_event(std::string_view t, std::string_view id_column, std::string_view entity) {
  const std::string p = std::string(t) + ".";
  return p + std::string(id_column) + " AS event_id, " + p + "kind, " + std::string(entity) +
         " AS entity, " + p + "entity_key, " + p + "old_key, " + p + "type, " + p + "user_id, " +
         p + "traceparent, " + sql_microseconds(p + "created_at") + " AS created_us, " + p +
         "new_row, " + p + "old_row, " + p + "shard, " + p + "outbox_id";
}

Event read_event(const pqxx::row& row, std::string* problem) {
  Event event;
  event.id = Uuid::parse(row["event_id"].c_str()).value_or(Uuid{});
  event.kind = parse_kind(row["kind"].c_str()).value_or(EventKind::Custom);
  event.entity = text_of(row["entity"]);
  event.key = text_of(row["entity_key"]);
  event.old_key = text_of(row["old_key"]);
  event.type = text_of(row["type"]);
  event.user = text_of(row["user_id"]);
  event.trace_parent = text_of(row["traceparent"]);
  event.created = time_of(row["created_us"]);
  event.new_text = text_of(row["new_row"]);
  event.old_text = text_of(row["old_row"]);
  event.shard = row["shard"].as<std::int32_t>();
  event.outbox_id = row["outbox_id"].as<std::int64_t>();
  parse_row(event.new_text, "new", &event.new_row, problem);
  parse_row(event.old_text, "old", &event.old_row, problem);
  return event;
}

std::string text_of(const pqxx::field& field) {
  return field.is_null() ? std::string() : std::string(field.c_str(), field.size());
}

WallTime time_of(const pqxx::field& field) {
  return field.is_null() ? WallTime{} : from_microseconds(field.as<std::int64_t>());
}

std::string sql_microseconds(std::string_view expression) {
  return "(extract(epoch FROM " + std::string(expression) + ") * 1000000)::bigint";
}

std::string sql_time(std::string_view expression) {
  return "('epoch'::timestamptz + " + std::string(expression) + " * interval '1 microsecond')";
}

std::string sql_rfc3339(std::string_view expression) {
  return "coalesce(to_char(" + std::string(expression) +
         " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '')";
}

}  // namespace observerd::store
