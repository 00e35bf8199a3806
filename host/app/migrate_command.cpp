#include <ostream>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "app/session.hpp"

namespace observerd::app {
namespace {

json::Value to_json(const std::vector<postgres::MigrationState>& states) {
  json::Value list = json::Value::array();
  for (const postgres::MigrationState& state : states) {
    list.push_back(json::Value::object({{"number", json::Value::integer(state.migration.number)},
                                        {"name", json::Value::string(state.migration.name)},
                                        {"checksum", json::Value::string(state.migration.checksum)},
                                        {"applied", json::Value::boolean(state.applied)},
                                        {"applied_at", text_or_null(state.applied_at)}}));
  }
  return list;
}

}  // namespace

int migrate_command(const Invocation& invocation) {
  CommandLine line(
      "migrate [--status] [--dry-run]",
      "Creates or updates observerd's own tables: numbered, checksummed, each migration "
      "in a transaction,\nall under an advisory lock. Run it once after installing and "
      "after each upgrade.");
  line.add()("status", "what is applied and what is pending; changes nothing");
  line.add()("dry-run", "print the SQL that would run; changes nothing");
  if (const auto over = line.parse(invocation)) return *over;
  const auto configuration = load_configuration(invocation, line, {"database"});
  if (!configuration) return kConfiguration;
  const auto migrations = load_migrations();
  if (!migrations) return fail(invocation, migrations.status());
  const auto connection =
      postgres::Connection::open(database_options(configuration->settings, "migrate"));
  if (!connection) return fail(invocation, connection.status());

  std::vector<int> applied;
  if (!line.has("status") && !line.has("dry-run")) {
    Result<std::vector<int>> done =
        postgres::migrate(**connection, *migrations, configuration->settings.database.shards);
    if (!done) return fail(invocation, done.status());
    applied = std::move(*done);
  }
  const auto states = postgres::migration_status(**connection, *migrations);
  if (!states) return fail(invocation, states.status());
  if (line.json()) {
    json::Value document = json::Value::object();
    json::Value numbers = json::Value::array();
    for (const int number : applied) numbers.push_back(json::Value::integer(number));
    document.set("applied_now", std::move(numbers));
    document.set("migrations", to_json(*states));
    print_json(invocation.out, document);
    return kDone;
  }
  if (line.has("dry-run")) {
    for (const postgres::MigrationState& state : *states) {
      if (!state.applied) {
        invocation.out << "-- " << state.migration.name << '\n'
                       << postgres::migration_sql(state.migration, **connection,
                                                  configuration->settings.database.shards)
                       << '\n';
      }
    }
    return kDone;
  }
  if (line.has("status")) {
    Table table({"NUMBER", "NAME", "STATE", "SINCE"});
    for (const postgres::MigrationState& state : *states) {
      table.add({std::to_string(state.migration.number), state.migration.name,
                 state.applied ? "applied" : "pending", state.applied_at});
    }
    table.print(invocation.out);
    return kDone;
  }
  for (const postgres::MigrationState& state : *states) {
    for (const int number : applied) {
      if (number == state.migration.number)
        invocation.out << "applied " << state.migration.name << '\n';
    }
  }
  if (applied.empty()) invocation.out << "nothing to do: every migration is applied\n";
  return kDone;
}

}  // namespace observerd::app
