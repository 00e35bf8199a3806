#include <algorithm>
#include <ostream>

#include "app/check_online.hpp"
#include "app/commands.hpp"
#include "app/compose.hpp"
#include "app/host_services.hpp"
#include "app/output.hpp"
#include "app/session.hpp"

namespace observerd::app {
namespace {

json::Value finding(const Status& status, const char* severity) {
  const Place& place = status.place();
  json::Value notes = json::Value::array();
  for (const std::string& note : status.notes()) notes.push_back(json::Value::string(note));
  return json::Value::object(
      {{"severity", json::Value::string(severity)},
       {"code", json::Value::string(code_name(status.code()))},
       {"message", json::Value::string(status.message())},
       {"file", text_or_null(place.file)},
       {"line", place.line > 0 ? json::Value::integer(place.line) : json::Value()},
       {"column", place.column > 0 ? json::Value::integer(place.column) : json::Value()},
       {"pointer", text_or_null(place.pointer)},
       {"notes", std::move(notes)}});
}

json::Value report(const Diagnostics& diagnostics, const config::Configuration* configuration) {
  json::Value findings = json::Value::array();
  for (const Status& error : diagnostics.errors()) findings.push_back(finding(error, "error"));
  for (const Status& warning : diagnostics.warnings()) {
    findings.push_back(finding(warning, "warning"));
  }
  json::Value document = json::Value::object();
  document.set("ok", json::Value::boolean(diagnostics.ok()));
  document.set(
      "observers",
      json::Value::integer(
          configuration ? static_cast<std::int64_t>(configuration->settings.observers.size()) : 0));
  document.set("findings", std::move(findings));
  return document;
}

/// 4 where nothing but the database is wrong, 3 for any other finding.
int code_of(const Diagnostics& diagnostics) {
  if (diagnostics.ok()) return kDone;
  const bool database =
      std::all_of(diagnostics.errors().begin(), diagnostics.errors().end(),
                  [](const Status& error) { return error.code() == Code::Database; });
  return database ? kDatabase : kConfiguration;
}

}  // namespace

int check_command(const Invocation& invocation) {
  CommandLine line(
      "check [--online]",
      "Checks everything that can be checked without starting: the configuration, the "
      "plugins it needs, conditions,\ntemplates, each action's settings. All findings "
      "are printed. Exit code 3 when there is any, 4 when it is only the database.\nCredentials "
      "are "
      "those of the service: systemctl reload observerd checks with them first, and in "
      "a shell\nsystemd-run --pty -p LoadCredential=secret:/etc/observerd/credentials "
      "-p User=observerd observerd check.");
  line.add()("online",
             "also the database: reachable, migrated, tables captured, columns known; and "
             "that destinations can be reached");
  if (const auto over = line.parse(invocation)) return *over;

  Diagnostics diagnostics;
  telemetry::Log log({telemetry::Level::Warn, false});
  LoggedHostServices services(log);
  std::optional<config::Configuration> configuration =
      config::load_for_check(line.config_file(), invocation.environment, diagnostics);
  if (configuration) {
    std::optional<Composition> composition =
        compose(*configuration, invocation.environment, services, diagnostics);
    if (line.has("online")) {
      check_online(*configuration, composition ? &*composition : nullptr, diagnostics);
    }
  }
  if (line.json()) {
    print_json(invocation.out, report(diagnostics, configuration ? &*configuration : nullptr));
  } else {
    print(invocation, diagnostics);
    if (diagnostics.ok()) {
      invocation.out << "ok: " << configuration->settings.observers.size() << " observer"
                     << (configuration->settings.observers.size() == 1 ? "" : "s") << ", "
                     << line.config_file() << '\n';
    }
  }
  return code_of(diagnostics);
}

}  // namespace observerd::app
