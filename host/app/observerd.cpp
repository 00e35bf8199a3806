#include <algorithm>
#include <ostream>

#include "app/commands.hpp"
#include "app/plugin_policy.hpp"
#include "observerd/plugin.h"
#include "plugin/runner/serve.hpp"

namespace observerd::app {

int run_observerd(const Invocation& invocation) {
  // Not in the list: no command for a person.
  if (!invocation.arguments.empty() && invocation.arguments[0] == kPluginRunnerCommand) {
    return plugin::serve_plugin();
  }
  static const std::vector<Command> commands = {
      {"init", "a commented configuration to start from", init_command},
      {"config", "show: the merged configuration, with origins", config_command},
      {"schema", "the configuration's JSON Schema, for editors", schema_command},
      {"run", "the daemon; --once: process what is there, then exit", run_command},
      {"check", "everything about the configuration; --online: the database too", check_command},
      {"migrate", "create or update observerd's own tables", migrate_command},
      {"capture", "which tables are captured: add, list, apply, sync, drop", capture_command},
      {"eval", "one condition against one event", eval_command},
      {"test", "what an event would cause: matches, reasons, rendered actions", test_command},
      {"plugins", "what is loaded, what is faulty and why: list, info, check", plugins_command},
      {"events", "the event log: list, show, tail, replay", events_command},
      {"dlq", "dead letters: list, show, retry, discard, purge, stats", dlq_command},
      {"deliveries", "what is scheduled, held, behind or orphaned, and why", deliveries_command},
      {"lanes", "destinations: queue, breaker, what is parked; resume", lanes_command},
      {"observers", "live state; pause and resume", observers_command},
      {"reload", "ask the running hosts to take up their configuration anew", reload_command},
      {"activate", "make this configuration the one of all hosts", activate_command},
      {"adopt", "accept a database that was restored or copied", adopt_command},
      {"status", "lag, retries, dead letters, shards; exit 1 when delivery is not moving",
       status_command},
      {"demo", "all of it on this machine, live", demo_command},
      {"help", "what an error number means: help OB005", help_command},
  };
  if (!invocation.arguments.empty() &&
      (invocation.arguments[0] == "--version" || invocation.arguments[0] == "-V")) {
    invocation.out << "observerd " OBSERVERD_VERSION " (plugin ABI " << OBSERVERD_ABI_MAJOR << '.'
                   << OBSERVERD_ABI_NEWEST_MINOR << ")\n";
    return kDone;
  }
  // Options that every command has may stand before it, too.
  Invocation ordered = invocation;
  std::vector<std::string>& words = ordered.arguments;
  for (std::size_t left = words.size(); left > 1; --left) {
    const bool with_value = words[0] == "--config" || words[0] == "-c";
    if (!with_value && words[0] != "--json" && words[0].rfind("--config=", 0) != 0) break;
    std::rotate(words.begin(), words.begin() + (with_value ? 2 : 1), words.end());
  }
  return run_group("", commands, ordered);
}

}  // namespace observerd::app
