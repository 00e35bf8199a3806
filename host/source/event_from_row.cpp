#include <string_view>

#include "event/trace_parent.hpp"
#include "source/source.hpp"

namespace observerd::source {
namespace {

Status bad_row(const OutboxRow& row, std::string why) {
  return Status::error(Code::BadEvent, "outbox row " + std::to_string(row.id) + " of " +
                                           (row.entity.empty() ? "no entity" : row.entity) + ": " +
                                           std::move(why));
}

/// The JSON of one column into `value`; an empty text is NULL.
Status read_row(const OutboxRow& row, std::string_view column, const std::string& text,
                Row& value) {
  if (text.empty()) return Status();
  Result<Row> parsed = Row::parse(text, Code::BadEvent);
  if (!parsed.ok()) return parsed.status().context(bad_row(row, std::string(column)).message());
  value = *std::move(parsed);
  return Status();
}

/// The string in a column of a row as it stands there; "" when there is none.
std::string_view column(const Row& row, std::string_view name) {
  if (!row) return {};
  const auto nodes = row.nodes();
  for (std::size_t i = 1; i < nodes.size(); i = nodes[i].end) {
    const RowNode& node = nodes[i];
    if (row.text().substr(node.key, node.key_size) != name) continue;
    return node.type == json::Type::String ? row.text().substr(node.value, node.value_size) : "";
  }
  return {};
}

/// Of the writer's session; else of the row's own column, unless that is left over from a change
/// before this one.
std::string trace_parent_of(const Event& event, const std::string& from_session) {
  std::string given = valid_trace_parent(from_session);
  if (!given.empty()) return given;
  const std::string_view written = column(event.new_row, "traceparent");
  if (written.empty() || written == column(event.old_row, "traceparent")) return {};
  return valid_trace_parent(written);
}

}  // namespace

Result<Event> to_event(const OutboxRow& row, const Uuid& installation) {
  const std::optional<EventKind> kind = parse_kind(row.kind);
  if (!kind) return bad_row(row, "\"" + row.kind + "\" is not a kind of event");
  if (row.entity.empty()) return bad_row(row, "it names no entity");

  Event event;
  event.kind = *kind;
  Status status = read_row(row, "new_row", row.new_text, event.new_row);
  if (status.ok()) status = read_row(row, "old_row", row.old_text, event.old_row);
  if (!status.ok()) return status;
  // An update that an application emits has no old row, the delete of a TRUNCATE neither row.
  const bool needs_new = *kind == EventKind::Insert || *kind == EventKind::Update;
  if (needs_new && !event.new_row) return bad_row(row, "an " + row.kind + " without a new row");
  if (*kind == EventKind::Insert && event.old_row) {
    return bad_row(row, "an insert with an old row");
  }
  if (*kind == EventKind::Delete && event.new_row) return bad_row(row, "a delete with a new row");

  event.id = make_event_id(installation, row.id, row.xid, row.created_us, row.entity, row.key);
  event.entity = row.entity;
  event.key = row.key;
  event.old_key = row.old_key;
  event.type = row.type.empty() ? row.entity + "." + row.kind : row.type;
  event.user = row.actor;
  event.trace_parent = trace_parent_of(event, row.trace_parent);
  event.created = WallTime(std::chrono::microseconds(row.created_us));
  event.new_text = row.new_text;
  event.old_text = row.old_text;
  event.shard = row.shard;
  event.outbox_id = row.id;
  return event;
}

}  // namespace observerd::source
