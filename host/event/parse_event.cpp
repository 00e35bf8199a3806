#include "base/strings.hpp"
#include "event/decimal.hpp"
#include "event/event.hpp"
#include "event/trace_parent.hpp"

namespace observerd {
namespace {

/// Every member that may stand in an event, so that a misspelt one is found.
const std::vector<std::string>& known_members() {
  static const std::vector<std::string> names = {
      "event_id",  "kind", "event_type", "entity",    "entity_type", "id",
      "entity_id", "type", "time",       "timestamp", "user",        "user_id",
      "new",       "data", "old",        "changes",   "traceparent"};
  return names;
}

/// Reads the members of one event. The first problem stays; everything after it does nothing.
class Reader {
 public:
  Reader(std::string_view text, const json::Value& root) : text_(text), root_(root) {}

  Result<Event> read() {
    if (!root_.is_object()) {
      fail(root_, "", "an event is a JSON object");
      return status_;
    }
    for (const json::Member& member : root_.members()) check_name(member);
    read_kind();
    read_names();
    read_time();
    read_rows();
    read_id();
    if (!status_.ok()) return status_;
    return std::move(event_);
  }

 private:
  struct Found {
    std::string name;
    const json::Value* value = nullptr;
    explicit operator bool() const { return value != nullptr; }
    std::string pointer() const { return json::join_pointer("", name); }
  };

  void fail(const json::Value& where, std::string pointer, std::string message) {
    if (!status_.ok()) return;
    const LineColumn at = line_column(text_, where.origin().offset);
    status_ = Status::error(Code::BadEvent, std::move(message))
                  .at({"", at.line, at.column, std::move(pointer)});
  }
  void fail(const Found& found, std::string message) {
    fail(*found.value, found.pointer(), std::move(message));
  }

  void check_name(const json::Member& member) {
    for (const std::string& known : known_members()) {
      if (member.first == known) return;
    }
    fail(member.second, json::join_pointer("", member.first),
         "unknown member \"" + member.first + "\"" + did_you_mean(member.first, known_members()));
  }

  /// The member that has one of two names; null counts as absent. Both at once is an error.
  Found find(std::string_view name, std::string_view synonym) {
    Found found;
    for (const std::string_view candidate : {name, synonym}) {
      const json::Value* value = root_.find(candidate);
      if (value == nullptr || value->is_null()) continue;
      if (found) {
        fail(*value, json::join_pointer("", candidate),
             "\"" + found.name + "\" and \"" + std::string(candidate) +
                 "\" are the same: give one of them");
        return found;
      }
      found = {std::string(candidate), value};
    }
    return found;
  }
  Found find(std::string_view name) {
    const json::Value* value = root_.find(name);
    return {std::string(name), value != nullptr && value->is_null() ? nullptr : value};
  }

  /// A string, or a number as its digits.
  std::string scalar_text(const Found& found) {
    if (!found) return "";
    if (found.value->is_string() || found.value->is_number()) return found.value->text();
    fail(found, "\"" + found.name + "\" must be a string or a number");
    return "";
  }
  std::string string_text(const Found& found) {
    if (!found) return "";
    if (found.value->is_string()) return found.value->text();
    fail(found, "\"" + found.name + "\" must be a string");
    return "";
  }

  void read_kind() {
    const Found kind = find("kind");
    const Found event_type = find("event_type");
    const std::string word = string_text(kind);
    const std::string type = string_text(event_type);
    if (kind) {
      if (const auto parsed = parse_kind(word)) {
        event_.kind = *parsed;
      } else {
        fail(kind, "the kind \"" + word + "\" is not one of insert, update, delete, custom" +
                       did_you_mean(word, {"insert", "update", "delete", "custom"}));
      }
      // Beside a kind an event_type either repeats it or is the type.
      if (event_type && parse_kind(type) != event_.kind) event_.type = type;
    } else if (event_type) {
      const auto parsed = parse_kind(type);
      event_.kind = parsed.value_or(EventKind::Custom);
      if (!parsed) event_.type = type;
    } else {
      fail(root_, "", "an event needs a \"kind\": insert, update, delete or custom");
    }
  }

  void read_names() {
    const Found entity = find("entity", "entity_type");
    event_.entity = string_text(entity);
    if (!entity) fail(root_, "", "an event needs an \"entity\"");
    if (entity && event_.entity.empty()) fail(entity, "the entity must not be empty");

    const Found key = find("id", "entity_id");
    event_.key = key && key.value->is_array() ? json::write(*key.value) : scalar_text(key);
    event_.user = scalar_text(find("user", "user_id"));
    event_.trace_parent = valid_trace_parent(string_text(find("traceparent")));
    if (const Found type = find("type")) event_.type = string_text(type);
    if (event_.type.empty())
      event_.type = event_.entity + '.' + std::string(kind_name(event_.kind));
  }

  void read_time() {
    const Found time = find("time", "timestamp");
    const std::string text = string_text(time);
    if (!time || !status_.ok()) return;
    if (const auto parsed = parse_time(text)) {
      event_.created = *parsed;
    } else {
      fail(time, "\"" + text + "\" is not a time as RFC 3339 writes it (2026-01-31T12:00:00Z)");
    }
  }

  void read_id() {
    const Found id = find("event_id");
    const std::string text = string_text(id);
    if (!status_.ok()) return;
    if (!id) {
      const auto created =
          std::chrono::duration_cast<std::chrono::microseconds>(event_.created.time_since_epoch());
      event_.id = make_event_id(Uuid{}, 0, 0, created.count(), event_.entity, event_.key);
    } else if (const auto parsed = Uuid::parse(text)) {
      event_.id = *parsed;
    } else {
      fail(id, "the event_id \"" + text + "\" is not a UUID");
    }
  }

  void read_rows() {
    const bool is_delete = event_.kind == EventKind::Delete;
    // `data` is what a bare field name speaks of: of a delete the row that is gone.
    const Found new_row = is_delete ? find("new") : find("new", "data");
    const Found old_row = is_delete ? find("old", "data") : find("old");
    const Found changes = find("changes");
    if (is_delete && new_row) fail(new_row, "a delete has no new row");
    if (event_.kind == EventKind::Insert && old_row) fail(old_row, "an insert has no old row");
    if (event_.kind == EventKind::Custom && old_row) fail(old_row, "a custom event has no old row");
    new_row_ = row(new_row);
    old_row_ = row(old_row);
    if (changes) apply_changes(changes, old_row);
    if (new_row_) event_.new_row = Row(*std::move(new_row_));
    if (old_row_) event_.old_row = Row(*std::move(old_row_));
    if (event_.new_row) event_.new_text = event_.new_row.text();
    if (event_.old_row) event_.old_text = event_.old_row.text();
  }

  std::optional<json::Value> row(const Found& found) {
    if (!found) return std::nullopt;
    // What an application emits may be any JSON; a row of a table is an object.
    if (!found.value->is_object() && event_.kind != EventKind::Custom) {
      fail(found, "\"" + found.name + "\" must be an object: the row");
    }
    return *found.value;
  }

  /// {"field": {"old": …, "new": …}}: the old row is the new one with the old values put back.
  void apply_changes(const Found& changes, const Found& old_row) {
    if (!changes.value->is_object()) return fail(changes, "\"changes\" must be an object");
    if (event_.kind != EventKind::Update) {
      if (!changes.value->members().empty()) fail(changes, "only an update has changes");
      return;
    }
    if (old_row) return fail(changes, "\"changes\" and \"old\" say the same: give one of them");
    if (!status_.ok()) return;
    if (!new_row_) new_row_ = json::Value::object();
    old_row_ = new_row_;
    for (const auto& [field, change] : changes.value->members()) {
      apply_change(field, change, json::join_pointer(changes.pointer(), field));
    }
  }

  void apply_change(const std::string& field, const json::Value& change,
                    const std::string& pointer) {
    if (!change.is_object()) return fail(change, pointer, "a change is {\"old\": …, \"new\": …}");
    for (const auto& [name, value] : change.members()) {
      if (name == "old" || name == "new") continue;
      fail(value, json::join_pointer(pointer, name),
           "unknown member \"" + name + "\": a change has \"old\" and \"new\"");
    }
    const json::Value* there = new_row_->find(field);
    if (const json::Value* value = change.find("new")) {
      if (there != nullptr && !json_equal(*there, *value)) {
        return fail(*value, json::join_pointer(pointer, "new"),
                    "the field \"" + field + "\" has another value in the new row");
      }
      new_row_->set(field, *value);
    }
    if (const json::Value* value = change.find("old")) {
      old_row_->set(field, *value);
    } else {
      std::erase_if(old_row_->members(),
                    [&](const json::Member& member) { return member.first == field; });
    }
  }

  std::string_view text_;
  const json::Value& root_;
  Event event_;
  std::optional<json::Value> new_row_;
  std::optional<json::Value> old_row_;
  Status status_;
};

}  // namespace

Result<Event> parse_event(std::string_view text) {
  auto root = json::parse(text, Code::BadEvent);
  if (!root) return root.status();
  return Reader(text, *root).read();
}

}  // namespace observerd
