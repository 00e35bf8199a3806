#include <ostream>

#include "app/commands.hpp"
#include "app/compose.hpp"
#include "app/host_services.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "app/views/configuration_view.hpp"

namespace observerd::app {

int schema_command(const Invocation& invocation) {
  CommandLine line("schema",
                   "The JSON Schema (draft 7) of the configuration with every action type that is "
                   "loaded: for editors,\nwhich complete and check with it. Name its file in "
                   "\"$schema\".");
  if (const auto over = line.parse(invocation)) return *over;
  // A configuration that is being written is seldom right: what can be read of it says where the
  // plugins are, and `check` says the rest.
  Diagnostics ignored;
  const auto configuration =
      config::load_for_check(line.config_file(), invocation.environment, ignored);
  const config::Settings settings = configuration ? configuration->settings : config::Settings();
  telemetry::Log log({telemetry::Level::Error, false});
  LoggedHostServices services(log);
  Diagnostics warnings;
  const auto registry = plugin::Registry::load(plugin_policy(settings), services, warnings);
  for (const auto& entry : registry->entries()) {
    if (entry->state == plugin::State::Faulty) warnings.warn(entry->reason);
  }
  print(invocation, warnings);
  print_json(invocation.out, views::configuration_schema(*registry));
  return kDone;
}

}  // namespace observerd::app
