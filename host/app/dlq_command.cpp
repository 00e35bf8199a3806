#include <algorithm>
#include <ostream>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "store/dead_letters.hpp"

namespace observerd::app {
namespace {

namespace po = boost::program_options;
using store::DeadLetterRow;
using store::DeadLetters;

json::Value to_json(const DeadLetterRow& row) {
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

void add_filters(CommandLine& line) {
  line.add()("status", po::value<std::string>()->value_name("STATUS"),
             "pending, retrying, success, retry_failed or discarded");
  line.add()("observer", po::value<std::string>()->value_name("NAME"), "of this observer");
  line.add()("type", po::value<std::string>()->value_name("TYPE"), "of this action type");
  line.add()("code", po::value<std::string>()->value_name("CODE"),
             "with this code: http_404, OB013, …");
  line.add()("entity", po::value<std::string>()->value_name("NAME"), "of this entity");
  line.add()("since", po::value<std::string>()->value_name("TIME"),
             "filed at or after this time (RFC 3339)");
  line.add()("until", po::value<std::string>()->value_name("TIME"),
             "filed before this time (RFC 3339)");
  line.add()("limit", po::value<int>()->default_value(100)->value_name("N"), "at most so many");
}

/// False when an option cannot be read: the problem is printed.
bool read_filters(const Invocation& invocation, const CommandLine& line, const std::string& usage,
                  store::DeadLetterFilter& filter) {
  static const std::vector<std::string> statuses = {"",        "pending",      "retrying",
                                                    "success", "retry_failed", "discarded"};
  filter.status = line.text("status");
  filter.observer = line.text("observer");
  filter.action_type = line.text("type");
  filter.code = line.text("code");
  filter.entity = line.text("entity");
  filter.limit = line.number("limit");
  if (std::find(statuses.begin(), statuses.end(), filter.status) == statuses.end()) {
    usage_error(invocation, usage, "there is no status \"" + filter.status + "\"");
    return false;
  }
  if (filter.limit < 1) {
    usage_error(invocation, usage, "--limit must be at least 1");
    return false;
  }
  for (const char* name : {"since", "until"}) {
    if (!line.has(name)) continue;
    const std::optional<WallTime> time = parse_time(line.text(name));
    if (!time) {
      usage_error(invocation, usage,
                  std::string("--") + name + " \"" + line.text(name) +
                      "\" is no time such as 2026-01-31T12:00:00Z");
      return false;
    }
    (std::string(name) == "since" ? filter.since : filter.until) = time;
  }
  return true;
}

/// False when a word is no id: the problem is printed.
bool read_ids(const Invocation& invocation, const CommandLine& line, const std::string& usage,
              std::vector<Uuid>& ids) {
  for (const std::string& word : line.words("id")) {
    const std::optional<Uuid> id = Uuid::parse(word);
    if (!id) {
      usage_error(invocation, usage, "\"" + word + "\" is no id; see observerd dlq list");
      return false;
    }
    ids.push_back(*id);
  }
  if (ids.empty()) usage_error(invocation, usage, "an id is needed");
  return !ids.empty();
}

/// Parses, loads and connects: what every dlq command begins with.
struct Start {
  std::optional<int> over;
  std::unique_ptr<postgres::Connection> connection;
};

/// `usable` checks the command's own words before anything is loaded; it says what is wrong itself.
template <typename Usable>
Start start(const Invocation& invocation, CommandLine& line, Usable usable) {
  if (const auto over = line.parse(invocation)) return {over, nullptr};
  if (!usable()) return {kUsage, nullptr};
  const auto configuration = load_configuration(invocation, line);
  if (!configuration) return {kConfiguration, nullptr};
  auto connection = open_database(configuration->settings, "dlq");
  if (!connection) return {fail(invocation, connection.status()), nullptr};
  return {std::nullopt, std::move(*connection)};
}

int list(const Invocation& invocation) {
  const char* usage = "dlq list [--status S] [--observer O] [--type T] [--code C] …";
  CommandLine line(usage, "Dead letters, newest first.");
  add_filters(line);
  store::DeadLetterFilter filter;
  Start started =
      start(invocation, line, [&] { return read_filters(invocation, line, usage, filter); });
  if (started.over) return *started.over;
  const auto rows = DeadLetters(*started.connection).list(filter);
  if (!rows) return fail(invocation, rows.status());
  if (line.json()) {
    json::Value document = json::Value::array();
    for (const DeadLetterRow& row : *rows) document.push_back(to_json(row));
    print_json(invocation.out, document);
    return kDone;
  }
  Table table({"ID", "STATUS", "OBSERVER/ACTION", "ENTITY", "TRIES", "CODE", "FILED", "ERROR"});
  for (const DeadLetterRow& row : *rows) {
    table.add({row.id.to_string(), row.status, row.observer + '/' + row.action,
               row.entity + ' ' + shorten(row.entity_key, 24), std::to_string(row.attempts),
               row.error_code.empty() ? row.error : row.error_code, row.created_at.substr(0, 19),
               shorten(row.error_message, 60)});
  }
  if (table.empty()) {
    invocation.out << "no dead letters\n";
  } else {
    table.print(invocation.out);
  }
  return kDone;
}

int show(const Invocation& invocation) {
  const char* usage = "dlq show ID";
  CommandLine line(usage, "One dead letter: what failed, the event, and every attempt.");
  line.positional("id", "its id", 1);
  std::vector<Uuid> ids;
  Start started = start(invocation, line, [&] { return read_ids(invocation, line, usage, ids); });
  if (started.over) return *started.over;
  DeadLetters letters(*started.connection);
  const auto row = letters.find(ids[0]);
  if (!row) return fail(invocation, row.status());
  if (!*row) {
    return fail(invocation, Status::error(Code::DeadLetterQueue,
                                          "there is no dead letter " + ids[0].to_string())
                                .note("see observerd dlq list"));
  }
  const auto history = letters.history(ids[0]);
  if (!history) return fail(invocation, history.status());
  const auto event = letters.event_json(ids[0]);
  if (!event) return fail(invocation, event.status());
  const auto event_value = json::parse(*event, Code::Storage);
  json::Value document = to_json(**row);
  document.set("event", event_value ? *event_value : json::Value::string(*event));
  json::Value attempts = json::Value::array();
  for (const store::DeadLetterHistory& one : *history) {
    attempts.push_back(json::Value::object({{"attempt", json::Value::integer(one.attempt)},
                                            {"at", json::Value::string(one.executed_at)},
                                            {"result", json::Value::string(one.result)},
                                            {"error_message", text_or_null(one.error_message)}}));
  }
  document.set("history", std::move(attempts));
  if (line.json()) {
    print_json(invocation.out, document);
    return kDone;
  }
  const DeadLetterRow& item = **row;
  invocation.out << "dead letter  " << item.id.to_string() << " (" << item.status << ")\n"
                 << "action       " << item.observer << '/' << item.action << " ("
                 << item.action_type << ")\n"
                 << "entity       " << item.entity << ' ' << item.entity_key << ", " << item.kind
                 << '\n'
                 << "error        " << item.error << ' ' << item.error_message << '\n'
                 << "attempts     " << item.attempts << " of " << item.max_attempts << '\n'
                 << "filed        " << item.created_at << '\n'
                 << "delivery     " << item.delivery_id.to_string() << '\n';
  Table table({"ATTEMPT", "AT", "RESULT", "MESSAGE"});
  for (const store::DeadLetterHistory& one : *history) {
    table.add({std::to_string(one.attempt), one.executed_at, one.result,
               shorten(one.error_message, 100)});
  }
  invocation.out << '\n';
  table.print(invocation.out);
  invocation.out << "\nsettings     " << json::write(item.action_config) << "\nevent        "
                 << *event << '\n';
  return kDone;
}

/// Prints what became of each id. Exit 1 when one was not done.
int print_changes(const Invocation& invocation, bool as_json, const char* verb,
                  const std::vector<store::DeadLetterChange>& changes) {
  bool all = true;
  json::Value document = json::Value::array();
  for (const store::DeadLetterChange& change : changes) {
    all = all && change.done;
    if (as_json) {
      document.push_back(json::Value::object({{"id", json::Value::string(change.id.to_string())},
                                              {"done", json::Value::boolean(change.done)},
                                              {"why_not", text_or_null(change.why_not)}}));
    } else if (change.done) {
      invocation.out << verb << ' ' << change.id.to_string() << '\n';
    } else {
      invocation.err << Status::error(Code::DeadLetterQueue,
                                      change.id.to_string() + " " + change.why_not)
                            .to_string()
                     << '\n';
    }
  }
  if (as_json) print_json(invocation.out, document);
  return all ? kDone : kNegative;
}

int retry(const Invocation& invocation) {
  const char* usage = "dlq retry ID…";
  CommandLine line(
      usage,
      "Delivers each again: that one action, not the whole event. A running daemon takes "
      "it up within a second;\nthe result goes into the history.");
  line.positional("id", "ids of dead letters", -1);
  std::vector<Uuid> ids;
  Start started = start(invocation, line, [&] { return read_ids(invocation, line, usage, ids); });
  if (started.over) return *started.over;
  const auto changes = DeadLetters(*started.connection).retry(ids);
  if (!changes) return fail(invocation, changes.status());
  return print_changes(invocation, line.json(), "scheduled", *changes);
}

int discard(const Invocation& invocation) {
  const char* usage = "dlq discard ID…";
  CommandLine line(usage,
                   "Gives each up for good: it stays visible as discarded, and is not retried.");
  line.positional("id", "ids of dead letters", -1);
  std::vector<Uuid> ids;
  Start started = start(invocation, line, [&] { return read_ids(invocation, line, usage, ids); });
  if (started.over) return *started.over;
  const auto changes = DeadLetters(*started.connection).discard(ids);
  if (!changes) return fail(invocation, changes.status());
  return print_changes(invocation, line.json(), "discarded", *changes);
}

int stats(const Invocation& invocation) {
  CommandLine line("dlq stats",
                   "How many dead letters there are, by observer, type, code and status.");
  Start started = start(invocation, line, [] { return true; });
  if (started.over) return *started.over;
  const auto stats = DeadLetters(*started.connection).stats();
  if (!stats) return fail(invocation, stats.status());
  if (line.json()) {
    json::Value lines = json::Value::array();
    for (const auto& one : stats->lines) {
      lines.push_back(json::Value::object({{"observer", json::Value::string(one.observer)},
                                           {"action_type", json::Value::string(one.action_type)},
                                           {"error_code", text_or_null(one.error_code)},
                                           {"status", json::Value::string(one.status)},
                                           {"count", json::Value::integer(one.count)},
                                           {"oldest", text_or_null(one.oldest)}}));
    }
    print_json(invocation.out, json::Value::object({{"total", json::Value::integer(stats->total)},
                                                    {"lines", std::move(lines)}}));
    return kDone;
  }
  Table table({"OBSERVER", "TYPE", "CODE", "STATUS", "COUNT", "OLDEST"});
  for (const auto& one : stats->lines) {
    table.add({one.observer, one.action_type, one.error_code, one.status, std::to_string(one.count),
               one.oldest.substr(0, 19)});
  }
  if (!table.empty()) table.print(invocation.out);
  invocation.out << stats->total << " dead letter" << (stats->total == 1 ? "" : "s") << '\n';
  return kDone;
}

}  // namespace

int dlq_command(const Invocation& invocation) {
  return run_group("dlq",
                   {{"list", "which there are; filters", list},
                    {"show", "one, with its event and history", show},
                    {"retry", "deliver again", retry},
                    {"discard", "give up for good", discard},
                    {"stats", "counts", stats}},
                   invocation);
}

}  // namespace observerd::app
