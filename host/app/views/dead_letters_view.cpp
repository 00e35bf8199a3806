#include "app/views/dead_letters_view.hpp"

#include <algorithm>

#include "base/units.hpp"

namespace observerd::app::views {
namespace {

using store::DeadLetters;

Status no_such(const Uuid& id) {
  return Status::error(Code::DeadLetterQueue, "there is no dead letter " + id.to_string())
      .note("see observerd dlq list");
}

/// Of the statuses that were asked for (none: any) those that can be changed.
bool narrow_to_open(store::DeadLetterFilter& filter) {
  std::vector<std::string> open;
  for (const char* status : {"pending", "retry_failed"}) {
    const auto& asked = filter.statuses;
    if (asked.empty() || std::find(asked.begin(), asked.end(), status) != asked.end()) {
      open.emplace_back(status);
    }
  }
  filter.statuses = open;
  return !open.empty();
}

template <typename Change>
Result<Bulk> change_all(postgres::Connection& connection, DeadLetterQuery query, bool dry_run,
                        const Progress& progress, Change change) {
  Bulk bulk;
  bulk.dry_run = dry_run;
  if (!narrow_to_open(query.filter)) return bulk;
  DeadLetters letters(connection);
  const Result<std::int64_t> count = letters.count(query.filter);
  if (!count) return count.status();
  bulk.selected = query.limit > 0 ? std::min<std::int64_t>(*count, query.limit) : *count;
  if (dry_run) return bulk;
  std::optional<store::DeadLetterPlace> place;
  for (std::int64_t left = bulk.selected; left > 0;) {
    const int size = static_cast<int>(std::min<std::int64_t>(left, kBatch));
    const Result<store::DeadLetterPage> page = letters.page(query.filter, size, place);
    if (!page) return page.status();
    const Result<std::vector<store::Change>> changes = change(letters, page->ids);
    if (!changes) return changes.status();
    bulk.add(*changes);
    left -= size;
    if (progress) progress(bulk.selected - left, bulk.selected);
    if (!page->next) break;
    place = page->next;
  }
  return bulk;
}

}  // namespace

const std::vector<std::string> kDeadLetterStatuses = {"pending", "retrying", "success",
                                                      "retry_failed", "discarded"};
const std::vector<std::string> kFinishedStatuses = {"success", "discarded"};
const std::vector<std::string> kPurgeableStatuses = {"success", "discarded", "retry_failed",
                                                     "pending"};

DeadLetterQuery read_dead_letter_query(ArgumentReader& arguments, int default_limit) {
  DeadLetterQuery query;
  query.filter.statuses = arguments.words("status", kDeadLetterStatuses);
  query.filter.observer = arguments.text("observer");
  query.filter.action = arguments.text("action");
  query.filter.action_type = arguments.text("type");
  query.filter.code = arguments.text("code");
  query.filter.entity = arguments.text("entity");
  query.filter.key = arguments.text("id");
  query.filter.since = arguments.time("since");
  query.filter.until = arguments.time("until");
  query.limit = arguments.number("limit", default_limit, 1, 1'000'000);
  query.before = arguments.id("before");
  return query;
}

json::Value to_json(const store::DeadLetterRow& row) {
  return json::Value::object({{"id", json::Value::string(row.id.to_string())},
                              {"status", json::Value::string(row.status)},
                              {"observer", json::Value::string(row.observer)},
                              {"action", json::Value::string(row.action)},
                              {"action_type", json::Value::string(row.action_type)},
                              {"entity", json::Value::string(row.entity)},
                              {"entity_key", json::Value::string(row.entity_key)},
                              {"kind", json::Value::string(row.kind)},
                              {"error", json::Value::string(row.error)},
                              {"error_code", text_or_null(row.error_code)},
                              {"error_message", json::Value::string(row.error_message)},
                              {"attempts", json::Value::integer(row.attempts)},
                              {"max_attempts", json::Value::integer(row.max_attempts)},
                              {"created_at", json::Value::string(row.created_at)},
                              {"last_retry_at", text_or_null(row.last_retry_at)},
                              {"event_id", json::Value::string(row.event_id.to_string())},
                              {"delivery_id", json::Value::string(row.delivery_id.to_string())},
                              {"action_config", row.action_config}});
}

Result<json::Value> list_dead_letters(postgres::Connection& connection,
                                      const DeadLetterQuery& query) {
  DeadLetters letters(connection);
  const auto rows = letters.list(query.filter, query.limit, query.before);
  if (!rows) return rows.status();
  json::Value list = json::Value::array();
  for (const store::DeadLetterRow& row : *rows) list.push_back(to_json(row));
  if (rows->empty() && query.before) {
    const auto there = letters.find(*query.before);
    if (!there) return there.status();
    if (!*there) return no_such(*query.before);
  }
  return list;
}

Result<json::Value> show_dead_letter(postgres::Connection& connection, const Uuid& id) {
  DeadLetters letters(connection);
  const auto row = letters.find(id);
  if (!row) return row.status();
  if (!*row) return no_such(id);
  const auto history = letters.history(id);
  if (!history) return history.status();
  const auto event = letters.event_json(id);
  if (!event) return event.status();
  const auto event_value = json::parse(*event, Code::Storage);
  json::Value document = to_json(**row);
  document.set("event", event_value ? *event_value : json::Value());
  json::Value attempts = json::Value::array();
  // They are numbered without a gap: what is missing was not kept.
  std::int64_t last = 0;
  for (const store::DeadLetterHistory& one : *history) {
    last = std::max<std::int64_t>(last, one.attempt);
    attempts.push_back(json::Value::object({{"attempt", json::Value::integer(one.attempt)},
                                            {"at", json::Value::string(one.executed_at)},
                                            {"took_ms", json::Value::integer(one.took_ms)},
                                            {"result", json::Value::string(one.result)},
                                            {"error_code", text_or_null(one.error_code)},
                                            {"error_message", text_or_null(one.error_message)}}));
  }
  document.set("history", std::move(attempts));
  const auto kept = static_cast<std::int64_t>(history->size());
  document.set("attempts_not_kept", json::Value::integer(std::max<std::int64_t>(last - kept, 0)));
  return document;
}

Result<json::Value> dead_letter_stats(postgres::Connection& connection) {
  const auto stats = DeadLetters(connection).stats();
  if (!stats) return stats.status();
  json::Value lines = json::Value::array();
  for (const auto& one : stats->lines) {
    lines.push_back(json::Value::object({{"observer", json::Value::string(one.observer)},
                                         {"action_type", json::Value::string(one.action_type)},
                                         {"error_code", text_or_null(one.error_code)},
                                         {"status", json::Value::string(one.status)},
                                         {"count", json::Value::integer(one.count)},
                                         {"oldest", text_or_null(one.oldest)}}));
  }
  return json::Value::object(
      {{"total", json::Value::integer(stats->total)}, {"lines", std::move(lines)}});
}

Result<Bulk> retry_dead_letters(postgres::Connection& connection, const DeadLetterQuery& query,
                                bool dry_run, const Progress& progress) {
  return change_all(connection, query, dry_run, progress,
                    [](DeadLetters& letters, const auto& ids) { return letters.retry(ids); });
}

Result<Bulk> discard_dead_letters(postgres::Connection& connection, const DeadLetterQuery& query,
                                  bool dry_run, const Progress& progress) {
  return change_all(connection, query, dry_run, progress,
                    [](DeadLetters& letters, const auto& ids) { return letters.discard(ids); });
}

Result<json::Value> purge_dead_letters(postgres::Connection& connection,
                                       const std::vector<std::string>& statuses,
                                       Milliseconds older_than, bool dry_run,
                                       const Progress& progress) {
  DeadLetters letters(connection);
  const Result<std::int64_t> count = letters.count_purge(statuses, older_than);
  if (!count) return count.status();
  std::int64_t deleted = dry_run ? *count : 0;
  while (!dry_run) {
    const Result<std::int64_t> step = letters.purge(statuses, older_than, kBatch);
    if (!step) return step.status();
    if (*step == 0) break;
    deleted += *step;
    if (progress) progress(deleted, *count);
  }
  json::Value names = json::Value::array();
  for (const std::string& status : statuses) names.push_back(json::Value::string(status));
  return json::Value::object({{"dry_run", json::Value::boolean(dry_run)},
                              {"statuses", std::move(names)},
                              {"older_than", json::Value::string(format_duration(older_than))},
                              {"deleted", json::Value::integer(deleted)}});
}

}  // namespace observerd::app::views
