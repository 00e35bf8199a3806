#include <algorithm>
#include <filesystem>
#include <ostream>

#include "app/commands.hpp"
#include "app/compose.hpp"
#include "app/host_services.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "app/views/plugins_view.hpp"
#include "base/strings.hpp"

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

int list(const Invocation& invocation) {
  CommandLine line("plugins list",
                   "Every plugin file of plugins.directories: loaded, or faulty and why.");
  if (const auto over = line.parse(invocation)) return *over;
  const auto configuration = load_configuration(invocation, line);
  if (!configuration) return kConfiguration;
  telemetry::Log log({telemetry::Level::Warn, false});
  LoggedHostServices services(log);
  const auto registry = load_registry(invocation, configuration->settings, services);
  if (line.json()) {
    print_json(invocation.out, views::list_plugins(*registry));
    return kDone;
  }
  Table table({"TYPE", "STATE", "PLUGIN", "VERSION", "ABI", "SHA256", "PATH"});
  for (const auto& entry : registry->entries()) {
    table.add({entry->types.empty() ? entry->stem : join(entry->types, ","), state_of(*entry),
               entry->name, entry->version, abi_of(*entry), entry->sha256.substr(0, 12),
               entry->path.string()});
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

/// The values or the types that a setting takes. `root` is the schema that a $ref points into.
std::string type_of(const json::Value& property, const json::Value& root) {
  if (const json::Value* ref = property.find("$ref"); ref && ref->is_string()) {
    const std::string& target = ref->text();
    const json::Value* found =
        target.starts_with("#/") ? json::at_pointer(root, target.substr(1)) : nullptr;
    // One step: a definition that refers on is rare, and --schema shows it.
    if (found != nullptr && found->find("$ref") == nullptr) return type_of(*found, root);
  }
  std::vector<std::string> names;
  const auto take = [&names](const json::Value& one) {
    names.push_back(one.is_string() ? one.text() : json::write(one));
  };
  const json::Value* values = property.find("enum");
  if (values == nullptr) values = property.find("type");
  if (values == nullptr) return "any";
  if (values->is_array()) {
    for (const json::Value& one : values->items()) take(one);
  } else {
    take(*values);
  }
  return join(names, "|");
}

void print_settings(std::ostream& out, const char* title, const json::Value& schema) {
  const json::Value* properties = schema.find("properties");
  if (properties == nullptr || !properties->is_object() || properties->members().empty()) {
    out << '\n' << title << ": none\n";
    return;
  }
  std::vector<std::string> required;
  if (const json::Value* list = schema.find("required"); list && list->is_array()) {
    for (const json::Value& name : list->items()) {
      if (name.is_string()) required.push_back(name.text());
    }
  }
  Table table({"SETTING", "TYPE", "DEFAULT", "", "DESCRIPTION"});
  for (const auto& [name, property] : properties->members()) {
    std::string marks;
    const auto mark = [&](const std::string& text) { marks += (marks.empty() ? "" : ", ") + text; };
    if (std::find(required.begin(), required.end(), name) != required.end()) mark("required");
    if (property.find("x-secret") != nullptr) mark("secret");
    if (property.find("x-template") != nullptr) {
      mark(property.string_or("x-template") + " template");
    }
    const json::Value* fallback = property.find("default");
    table.add({name, type_of(property, schema), fallback ? json::write(*fallback) : "", marks,
               property.string_or("description")});
  }
  out << '\n' << title << ":\n";
  table.print(out);
}

int info(const Invocation& invocation) {
  const char* usage = "plugins info TYPE [--schema]";
  CommandLine line(usage, "The settings of an action type, as a table or as its JSON Schema.");
  line.positional("type", "an action type, e.g. webhook", 1);
  line.add()("schema", "the JSON Schemas, of the module and of an action");
  if (const auto over = line.parse(invocation)) return *over;
  if (line.words("type").empty()) return usage_error(invocation, usage, "TYPE is needed");
  const std::string name = line.words("type")[0];
  const auto configuration = load_configuration(invocation, line);
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
  print_settings(invocation.out, "Settings of an action", type->action_schema);
  print_settings(invocation.out,
                 ("Settings of the module (plugins.settings." + type->type + ")").c_str(),
                 type->module_schema);
  return kDone;
}

int check_file(const Invocation& invocation) {
  const char* usage = "plugins check FILE…";
  CommandLine line(usage,
                   "The verdict on plugin files without running any of their code: path and "
                   "permissions, pinned digest, ELF header, the\nABI note, exported symbols. Exit "
                   "code 5 when one of them would be refused.");
  line.positional("file", "a shared library", -1);
  if (const auto over = line.parse(invocation)) return *over;
  const std::vector<std::string> files = line.words("file");
  if (files.empty()) return usage_error(invocation, usage, "FILE is needed");
  const auto configuration = load_configuration(invocation, line);
  if (!configuration) return kConfiguration;
  const plugin::Policy policy = plugin_policy(configuration->settings);
  bool all = true;
  json::Value document = json::Value::array();
  for (const std::string& file : files) {
    const plugin::Entry entry = plugin::Registry::inspect(std::filesystem::absolute(file), policy);
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
