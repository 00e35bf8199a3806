#include "event/event.hpp"

#include <array>

#include "base/strings.hpp"

namespace observerd {
namespace {

constexpr std::array<std::string_view, 4> kKindNames = {"insert", "update", "delete", "custom"};

/// The name space of make_entity_id. Never change it: receivers store these ids.
constexpr Uuid kEntitySpace{{0x9c, 0x1f, 0x6a, 0x52, 0x3d, 0x0b, 0x4e, 0x27, 0x8a, 0x61, 0x5f, 0xd0,
                             0x7e, 0x34, 0xb9, 0xc8}};

/// "5:Order": the length makes a sequence of parts unambiguous whatever characters they hold.
void append_part(std::string& name, std::string_view part) {
  name += std::to_string(part.size());
  name += ':';
  name += part;
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += '"';
  out += name;
  out += "\":";
  json::quote_to(out, text);
  out += ',';
}

void append_row(std::string& out, std::string_view name, const Row& row, const std::string& text) {
  out += '"';
  out += name;
  out += "\":";
  if (!text.empty()) {
    out += text;
  } else if (row) {
    out += row.text();
  } else {
    out += "null";
  }
}

}  // namespace

std::string_view kind_name(EventKind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

std::optional<EventKind> parse_kind(std::string_view name) {
  for (std::size_t i = 0; i < kKindNames.size(); ++i) {
    if (ascii_iequals(name, kKindNames[i])) return static_cast<EventKind>(i);
  }
  return std::nullopt;
}

const json::Value* Event::row() const {
  const Row& row = kind == EventKind::Delete ? old_row : new_row;
  return row ? &*row : nullptr;
}

Uuid make_event_id(const Uuid& installation, std::int64_t outbox_id, std::uint64_t xid,
                   std::int64_t created_us, std::string_view entity, std::string_view key) {
  std::string name;
  append_part(name, std::to_string(outbox_id));
  append_part(name, std::to_string(xid));
  append_part(name, std::to_string(created_us));
  append_part(name, entity);
  append_part(name, key);
  return Uuid::v5(installation, name);
}

Uuid make_delivery_id(const Uuid& event_id, std::string_view observer, std::string_view action) {
  std::string name;
  append_part(name, observer);
  append_part(name, action);
  return Uuid::v5(event_id, name);
}

Uuid make_entity_id(std::string_view entity, std::string_view key) {
  if (const auto id = Uuid::parse(key)) return *id;
  std::string name;
  append_part(name, entity);
  append_part(name, key);
  return Uuid::v5(kEntitySpace, name);
}

std::string event_json(const Event& event) {
  std::string out;
  out.reserve(256 + event.new_text.size() + event.old_text.size());
  out += '{';
  append_member(out, "event_id", event.id.to_string());
  append_member(out, "kind", kind_name(event.kind));
  append_member(out, "entity", event.entity);
  append_member(out, "id", event.key);
  append_member(out, "type", event.type);
  append_member(out, "time", format_time(event.created));
  if (event.user.empty()) {
    out += "\"user\":null,";
  } else {
    append_member(out, "user", event.user);
  }
  append_row(out, "new", event.new_row, event.new_text);
  out += ',';
  append_row(out, "old", event.old_row, event.old_text);
  out += '}';
  return out;
}

}  // namespace observerd
