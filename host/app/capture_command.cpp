#include "capture/capture.hpp"

#include <ostream>
#include <sstream>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "base/strings.hpp"

namespace observerd::app {
namespace {

namespace po = boost::program_options;

json::Value to_json(const capture::Captured& captured) {
  json::Value key = json::Value::array();
  for (const std::string& column : captured.key) key.push_back(json::Value::string(column));
  return json::Value::object(
      {{"table", json::Value::string(captured.table)},
       {"entity", json::Value::string(captured.entity)},
       {"key", std::move(key)},
       {"on_error",
        json::Value::string(captured.on_error == capture::OnError::Skip ? "skip" : "abort")},
       {"mode", json::Value::string(captured.mode)},
       {"enabled", json::Value::boolean(captured.enabled)}});
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

/// Parses, loads and connects: what all three commands begin with.
struct Start {
  std::optional<int> over;
  std::unique_ptr<postgres::Connection> connection;
};

Start start(const Invocation& invocation, CommandLine& line) {
  const auto configuration = load_configuration(invocation, line);
  if (!configuration) return {kConfiguration, nullptr};
  auto connection = open_database(configuration->settings, "capture");
  if (!connection) return {fail(invocation, connection.status()), nullptr};
  return {std::nullopt, std::move(*connection)};
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
  const Result<capture::Captured> captured = capture::add(*started.connection, options);
  if (!captured) return fail(invocation, captured.status());
  if (line.json()) {
    print_json(invocation.out, to_json(*captured));
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
    json::Value document = json::Value::array();
    for (const capture::Captured& one : *captured) document.push_back(to_json(one));
    print_json(invocation.out, document);
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
  return kDone;
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
                    {"drop", "stop capturing a table", drop}},
                   invocation);
}

}  // namespace observerd::app
