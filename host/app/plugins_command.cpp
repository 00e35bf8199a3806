#include <algorithm>
#include <filesystem>
#include <ostream>

#include "app/commands.hpp"
#include "app/compose.hpp"
#include "app/host_services.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "app/views/plugin_example.hpp"
#include "app/views/plugins_view.hpp"
#include "app/views/setting_rows.hpp"
#include "base/strings.hpp"
#include "plugin/dependencies.hpp"

namespace observerd::app {
namespace {

namespace po = boost::program_options;

std::unique_ptr<plugin::Registry> load_registry(const Invocation& invocation,
                                                const config::Settings& settings,
                                                plugin::HostServices& services) {
  Diagnostics diagnostics;
  auto registry = plugin::Registry::load(plugin_policy(settings), services, diagnostics);
  print(invocation, diagnostics);
  return registry;
}

using views::abi_of;
using views::state_of;

/// Of a reason, in a table; below it stands in full.
constexpr std::size_t kShownReason = 60;

int list(const Invocation& invocation) {
  CommandLine line("plugins list",
                   "Every plugin file of plugins.directories: loaded, or faulty and why.");
  if (const auto over = line.parse(invocation)) return *over;
  const auto configuration = load_configuration(invocation, line, {"plugins"});
  if (!configuration) return kConfiguration;
  telemetry::Log log({telemetry::Level::Warn, false});
  LoggedHostServices services(log);
  const auto registry = load_registry(invocation, configuration->settings, services);
  if (line.json()) {
    print_json(invocation.out, views::list_plugins(*registry));
    return kDone;
  }
  Table table(
      {"TYPE", "STATE", "PLUGIN", "VERSION", "ABI", "ISOLATION", "SHA256", "PATH", "REASON"});
  for (const auto& entry : registry->entries()) {
    table.add({entry->types.empty() ? entry->stem : join(entry->types, ","), state_of(*entry),
               entry->name, entry->version, abi_of(*entry),
               std::string(plugin::isolation_name(entry->isolation)), entry->sha256.substr(0, 12),
               entry->path.string(), shorten(views::remark_of(*entry), kShownReason)});
  }
  if (table.empty()) {
    invocation.out << "no plugin in " << join(configuration->settings.plugins.directories, ", ")
                   << '\n';
    return kDone;
  }
  table.print(invocation.out);
  for (const auto& entry : registry->entries()) {
    if (entry->state == plugin::State::Faulty) {
      invocation.out << '\n' << entry->reason.to_string() << '\n';
    }
  }
  return kDone;
}

void print_settings(std::ostream& out, const std::string& title, const json::Value& schema) {
  const std::vector<views::SettingRow> rows = views::setting_rows(schema);
  if (rows.empty()) {
    out << '\n' << title << ": none\n";
    return;
  }
  Table table({"SETTING", "TYPE", "REQUIRED", "DEFAULT", "SECRET", "TEMPLATE", "DESCRIPTION"});
  for (const views::SettingRow& row : rows) {
    table.add({row.name, row.type, row.required ? "yes" : "", row.fallback, row.secret ? "yes" : "",
               row.escaping, row.description});
  }
  out << '\n' << title << ":\n";
  table.print(out);
}

void print_limits(std::ostream& out, const plugin::ActionType& type) {
  out << "delivers up to " << type.max_batch << " at a time, " << type.max_concurrency
      << (type.max_concurrency == 1 ? " call" : " calls") << " at once"
      << (type.thread_safe ? ", thread-safe" : ", one thread at a time")
      << (type.async ? ", asynchronous" : "") << "; isolation "
      << plugin::isolation_name(type.entry->isolation) << '\n';
}

int info(const Invocation& invocation) {
  const char* usage = "plugins info TYPE [--schema]";
  CommandLine line(usage, "The settings of an action type, as a table or as its JSON Schema.");
  line.positional("type", "an action type, e.g. webhook", 1);
  line.add()("schema", "the JSON Schemas, of the module and of an action");
  if (const auto over = line.parse(invocation)) return *over;
  if (line.words("type").empty()) return usage_error(invocation, usage, "TYPE is needed");
  const std::string name = line.words("type")[0];
  const auto configuration = load_configuration(invocation, line, {"plugins"});
  if (!configuration) return kConfiguration;
  telemetry::Log log({telemetry::Level::Warn, false});
  LoggedHostServices services(log);
  Diagnostics quiet;
  const auto registry =
      plugin::Registry::load(plugin_policy(configuration->settings), services, quiet);
  Result<json::Value> document = views::show_plugin(*registry, name);
  if (!document) {
    Status status = document.status();
    if (status.code() == Code::UnknownActionType) {
      status.note("looked in: " + join(configuration->settings.plugins.directories, ", "));
    }
    return fail(invocation, status);
  }
  if (line.json() || line.has("schema")) {
    print_json(invocation.out, *document);
    return kDone;
  }
  const plugin::ActionType* type = registry->find(name);
  const plugin::Entry& entry = *type->entry;
  invocation.out << type->type << ": " << type->summary << '\n'
                 << "plugin " << entry.name << ' ' << entry.version << " (" << entry.vendor << ", "
                 << entry.license << "), ABI " << abi_of(entry) << ", " << entry.path.string()
                 << '\n';
  print_limits(invocation.out, *type);
  print_settings(invocation.out, "Settings of an action", type->action_schema);
  print_settings(invocation.out, "Settings of the module (plugins.settings." + type->type + ")",
                 type->module_schema);
  const json::Value example = views::example_configuration(*type);
  if (!example.is_null()) {
    invocation.out << "\nExample:\n" << json::write_pretty(example) << '\n';
  }
  return kDone;
}

/// Also what only the load would find out.
void check_libraries(plugin::Entry& entry) {
  if (entry.state != plugin::State::Loaded) return;
  const auto missing = plugin::missing_libraries(entry.path, plugin::LinkerPaths::process());
  entry.reason = missing ? plugin::check_libraries(entry.path, *missing)
                         : Status::error(Code::PluginLoad, "\"" + entry.path.string() + "\" " +
                                                               missing.status().message());
  if (!entry.reason.ok()) entry.state = plugin::State::Faulty;
}

int check_file(const Invocation& invocation) {
  const char* usage = "plugins check FILE…";
  CommandLine line(usage,
                   "The verdict on plugin files without running any of their code: path and "
                   "permissions, pinned digest, ELF header, the\nABI note, exported symbols, and "
                   "that the libraries it needs would be found (not what symbols they have).\nExit "
                   "code 5 when one of the files would be refused.");
  line.positional("file", "a shared library", -1);
  if (const auto over = line.parse(invocation)) return *over;
  const std::vector<std::string> files = line.words("file");
  if (files.empty()) return usage_error(invocation, usage, "FILE is needed");
  const auto configuration = load_configuration(invocation, line, {"plugins"});
  if (!configuration) return kConfiguration;
  const plugin::Policy policy = plugin_policy(configuration->settings);
  bool all = true;
  json::Value document = json::Value::array();
  for (const std::string& file : files) {
    plugin::Entry entry = plugin::Registry::inspect(std::filesystem::absolute(file), policy);
    check_libraries(entry);
    const bool good = entry.state == plugin::State::Loaded;
    all = all && good;
    if (line.json()) {
      document.push_back(json::Value::object(
          {{"path", json::Value::string(entry.path.string())},
           {"good", json::Value::boolean(good)},
           {"abi", text_or_null(abi_of(entry))},
           {"sha256", text_or_null(entry.sha256)},
           {"reason", good ? json::Value() : json::Value::string(entry.reason.to_string())}}));
    } else if (good) {
      invocation.out << entry.path.string() << ": good, ABI " << abi_of(entry) << ", sha256 "
                     << entry.sha256 << '\n';
    } else {
      invocation.err << entry.reason.to_string() << '\n';
    }
  }
  if (line.json()) print_json(invocation.out, document);
  return all ? kDone : kPlugin;
}

}  // namespace

int plugins_command(const Invocation& invocation) {
  return run_group("plugins",
                   {{"list", "what is loaded, and what is faulty and why", list},
                    {"info", "the settings of one action type", info},
                    {"check", "the verdict on a file, without running it", check_file}},
                   invocation);
}

}  // namespace observerd::app
