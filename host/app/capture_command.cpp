#include "capture/capture.hpp"

#include <ostream>
#include <sstream>

#include "app/commands.hpp"
#include "app/interests.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "app/views/captures_view.hpp"
#include "base/strings.hpp"
#include "capture/apply.hpp"
#include "capture/sync.hpp"

namespace observerd::app {
namespace {

namespace po = boost::program_options;

using views::filters_json;
using views::served;

/// What a pushed-down table lets through, a line a kind and one for those it is for.
void print_filters(std::ostream& out, const capture::Pushdown& pushdown) {
  for (const EventKind kind : capture::kChangeKinds) {
    const capture::Bound filter = pushdown.filter(kind);
    out << "    " << kind_name(kind) << ": "
        << (filter.is_never()    ? "nothing, since no observer takes it"
            : filter.is_always() ? "everything"
                                 : filter.sql())
        << '\n';
    if (!filter.is_never()) out << "        for " << join(served(pushdown, kind), ", ") << '\n';
  }
}

std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    const std::string_view word = trim(part);
    if (!word.empty()) parts.emplace_back(word);
  }
  return parts;
}

/// Loads and connects: what all these commands begin with.
struct Start {
  std::optional<int> over;
  std::unique_ptr<postgres::Connection> connection;
  config::Settings settings = {};
};

Start start(const Invocation& invocation, CommandLine& line, std::vector<std::string> uses = {}) {
  uses.emplace_back("database");
  auto configuration = load_configuration(invocation, line, uses);
  if (!configuration) return {kConfiguration, nullptr};
  auto connection = open_database(configuration->settings, "capture");
  if (!connection) return {fail(invocation, connection.status()), nullptr};
  return {std::nullopt, std::move(*connection), std::move(configuration->settings)};
}

int add(const Invocation& invocation) {
  const char* usage = "capture add TABLE --entity NAME [--key COLUMN,…]";
  CommandLine line(
      usage,
      "Installs the triggers that turn changes of TABLE into events of entity NAME, in "
      "the writer's own transaction.\nAdding again replaces the triggers.");
  line.positional("table", "the table, with its schema or not", 1);
  line.add()("entity", po::value<std::string>()->value_name("NAME"), "the name that observers use");
  line.add()(
      "key", po::value<std::string>()->value_name("COLUMNS"),
      "the columns that tell one entity from another, with commas; by default the primary key");
  line.add()("on-error", po::value<std::string>()->default_value("abort")->value_name("abort|skip"),
             "when an event cannot be written: abort the change, or skip the event (it is lost)");
  line.add()("unchanged", "also capture updates that change nothing");
  line.add()("replace", "also when the table is captured as another entity");
  if (const auto over = line.parse(invocation)) return *over;
  if (line.words("table").empty() || !line.has("entity")) {
    return usage_error(invocation, usage, "TABLE and --entity are both needed");
  }
  if (line.text("on-error") != "abort" && line.text("on-error") != "skip") {
    return usage_error(invocation, usage,
                       "--on-error is abort or skip, not \"" + line.text("on-error") + "\"");
  }
  Start started = start(invocation, line);
  if (started.over) return *started.over;
  capture::AddOptions options;
  options.table = line.words("table")[0];
  options.entity = line.text("entity");
  options.key = split_commas(line.text("key"));
  options.on_error =
      line.text("on-error") == "skip" ? capture::OnError::Skip : capture::OnError::Abort;
  options.capture_unchanged = line.has("unchanged");
  options.replace = line.has("replace");
  const Result<capture::Captured> captured = capture::add(*started.connection, options);
  if (!captured) return fail(invocation, captured.status());
  if (line.json()) {
    print_json(invocation.out, views::to_json(*captured));
  } else {
    invocation.out << "captured " << captured->table << " as " << captured->entity << ", key "
                   << join(captured->key, ", ") << '\n';
  }
  return kDone;
}

int list(const Invocation& invocation) {
  CommandLine line("capture list", "Which tables are captured, and as what.");
  if (const auto over = line.parse(invocation)) return *over;
  Start started = start(invocation, line);
  if (started.over) return *started.over;
  const auto captured = capture::list(*started.connection);
  if (!captured) return fail(invocation, captured.status());
  if (line.json()) {
    print_json(invocation.out, views::to_json(*captured));
    return kDone;
  }
  Table table({"TABLE", "ENTITY", "KEY", "MODE", "ON ERROR", "STATE"});
  for (const capture::Captured& one : *captured) {
    table.add({one.table, one.entity, join(one.key, ", "), one.mode,
               one.on_error == capture::OnError::Skip ? "skip" : "abort",
               one.enabled ? "enabled" : "disabled"});
  }
  if (table.empty()) {
    invocation.out << "no table is captured; see observerd capture add --help\n";
  } else {
    table.print(invocation.out);
  }
  for (const capture::Captured& one : *captured) {
    if (!one.pushdown.pushed) continue;
    invocation.out << "\nof " << one.table << " only this is captured (observerd capture sync):\n";
    print_filters(invocation.out, one.pushdown);
  }
  return kDone;
}

json::Value error_json(const Status& status) {
  return status.ok() ? json::Value() : json::Value::string(status.to_string());
}

void print_synced(const Invocation& invocation, const capture::Synced& synced, bool dry_run) {
  std::ostream& out = invocation.out;
  out << synced.captured.table << " as " << synced.captured.entity << ": ";
  if (synced.changed) {
    out << (dry_run ? "its triggers would be written anew, since "
                    : "triggers written anew, since ")
        << synced.reason << '\n';
  } else {
    out << "nothing to change\n";
  }
  if (!synced.captured.enabled) {
    out << "    triggers are disabled; observerd capture apply enables them\n";
  }
  if (synced.captured.pushdown.pushed) {
    print_filters(out, synced.captured.pushdown);
  } else {
    out << "    every change is captured: " << synced.captured.pushdown.why_not << '\n';
  }
}

json::Value to_json(const capture::Synced& synced) {
  const capture::Captured& captured = synced.captured;
  return json::Value::object({{"table", json::Value::string(captured.table)},
                              {"entity", json::Value::string(captured.entity)},
                              {"changed", json::Value::boolean(synced.changed)},
                              {"reason", text_or_null(synced.reason)},
                              {"mode", json::Value::string(captured.mode)},
                              {"enabled", json::Value::boolean(captured.enabled)},
                              {"everything_because", text_or_null(captured.pushdown.why_not)},
                              {"filters", filters_json(captured.pushdown)},
                              {"error", error_json(synced.error)}});
}

int sync(const Invocation& invocation) {
  CommandLine line("capture sync",
                   "Makes the triggers leave out what no observer of the configuration can match, "
                   "and writes those of\nolder versions anew.");
  line.add()("dry-run", "say what would be done, and do nothing");
  if (const auto over = line.parse(invocation)) return *over;
  Start started = start(invocation, line, {"entities", "runtime", "observers"});
  if (started.over) return *started.over;
  capture::SyncOptions options;
  options.dry_run = line.has("dry-run");
  options.log_everything = started.settings.runtime.event_log == config::EventLog::All;
  const auto synced = capture::sync(*started.connection, interests(started.settings), options);
  if (!synced) return fail(invocation, synced.status());
  int exit = kDone;
  json::Value document = json::Value::array();
  for (const capture::Synced& one : *synced) {
    document.push_back(to_json(one));
    if (!one.error.ok()) {
      exit = fail(invocation, one.error);
    } else if (!line.json()) {
      print_synced(invocation, one, options.dry_run);
    }
  }
  if (line.json()) {
    print_json(invocation.out, document);
  } else if (synced->empty()) {
    invocation.out << "no table is captured; see observerd capture add --help\n";
  }
  return exit;
}

const char* words_of(const capture::Applied& applied) {
  switch (applied.action) {
    case capture::Action::None:
      return "as declared";
    case capture::Action::Add:
      return applied.done ? "captured" : "to be captured";
    case capture::Action::Replace:
      return applied.done ? "captured anew" : "to be captured anew";
    case capture::Action::Drop:
      return applied.done ? "no longer captured" : "to be dropped";
    case capture::Action::Beyond:
      return "captured beyond the configuration; --prune drops it";
  }
  return "";
}

json::Value to_json(const capture::Applied& applied) {
  return json::Value::object({{"table", json::Value::string(applied.table)},
                              {"entity", json::Value::string(applied.entity)},
                              {"action", json::Value::string(action_name(applied.action))},
                              {"done", json::Value::boolean(applied.done)},
                              {"reason", text_or_null(applied.reason)},
                              {"error", error_json(applied.error)}});
}

int apply(const Invocation& invocation) {
  CommandLine line(
      "capture apply",
      "Makes the captured tables those of \"entities\" in the configuration: adds what "
      "is missing,\nand captures anew what differs.");
  line.add()("prune", "also drop what is captured beyond the configuration");
  line.add()("dry-run", "say what would be done, and do nothing");
  if (const auto over = line.parse(invocation)) return *over;
  Start started = start(invocation, line, {"entities"});
  if (started.over) return *started.over;
  std::vector<capture::Declared> declared;
  for (const auto& [name, entity] : started.settings.entities) {
    declared.push_back({name, entity.table, entity.key});
  }
  const capture::ApplyOptions options{line.has("prune"), line.has("dry-run")};
  const auto applied = capture::apply(*started.connection, declared, options);
  if (!applied) return fail(invocation, applied.status());
  int exit = kDone;
  json::Value document = json::Value::array();
  for (const capture::Applied& one : *applied) {
    document.push_back(to_json(one));
    if (!one.error.ok()) {
      Status error = one.error;
      if (const auto at = started.settings.entities.find(one.entity);
          at != started.settings.entities.end()) {
        error.at(at->second.place);
      }
      exit = fail(invocation, error);
    } else if (!line.json()) {
      invocation.out << one.table << " as " << one.entity << ": " << words_of(one);
      if (!one.reason.empty()) invocation.out << " (" << one.reason << ')';
      invocation.out << '\n';
    }
  }
  if (line.json()) {
    print_json(invocation.out, document);
  } else if (applied->empty()) {
    invocation.out << "the configuration declares no \"entities\", and no table is captured\n";
  }
  return exit;
}

int drop(const Invocation& invocation) {
  const char* usage = "capture drop TABLE";
  CommandLine line(usage,
                   "Removes the triggers of TABLE. Events that wait in the outbox are kept.");
  line.positional("table", "the table, with its schema or not", 1);
  if (const auto over = line.parse(invocation)) return *over;
  if (line.words("table").empty()) return usage_error(invocation, usage, "TABLE is needed");
  Start started = start(invocation, line);
  if (started.over) return *started.over;
  const Status status = capture::drop(*started.connection, line.words("table")[0]);
  if (!status.ok()) return fail(invocation, status);
  if (line.json()) {
    print_json(invocation.out,
               json::Value::object({{"dropped", json::Value::string(line.words("table")[0])}}));
  } else {
    invocation.out << "no longer captured: " << line.words("table")[0] << '\n';
  }
  return kDone;
}

}  // namespace

int capture_command(const Invocation& invocation) {
  return run_group("capture",
                   {{"add", "capture a table", add},
                    {"list", "which tables are captured", list},
                    {"apply", "capture what the configuration declares", apply},
                    {"sync", "leave out what no observer can match", sync},
                    {"drop", "stop capturing a table", drop}},
                   invocation);
}

}  // namespace observerd::app
