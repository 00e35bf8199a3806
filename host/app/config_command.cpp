#include <ostream>

#include "app/commands.hpp"
#include "app/compose.hpp"
#include "app/host_services.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "app/views/configuration_view.hpp"

namespace observerd::app {
namespace {

/// Prints the masked document as it could be written, each value with the place it came from as a
/// comment: `merged` is the same document with its origins.
class OriginPrinter {
 public:
  OriginPrinter(std::ostream& out, const config::Sources& sources) : out_(out), sources_(sources) {}

  void print(const json::Value& shown, const json::Value& merged, const std::string& indent) {
    if (shown.is_object() && !shown.members().empty()) {
      print_members(shown, merged, indent);
    } else if (shown.is_array() && has_objects(shown)) {
      print_items(shown, merged, indent);
    } else {
      out_ << json::write(shown);
    }
  }

 private:
  static bool has_objects(const json::Value& array) {
    for (const json::Value& item : array.items()) {
      if (item.is_object()) return true;
    }
    return false;
  }

  void print_members(const json::Value& shown, const json::Value& merged,
                     const std::string& indent) {
    out_ << "{\n";
    for (const auto& [name, value] : shown.members()) {
      const json::Value* origin = merged.is_object() ? merged.find(name) : nullptr;
      out_ << indent << "  " << json::quote(name) << ": ";
      print(value, origin == nullptr ? value : *origin, indent + "  ");
      end(value, origin);
    }
    out_ << indent << '}';
  }

  void print_items(const json::Value& shown, const json::Value& merged, const std::string& indent) {
    out_ << "[\n";
    for (std::size_t i = 0; i < shown.items().size(); ++i) {
      const json::Value* origin =
          merged.is_array() && i < merged.items().size() ? &merged.items()[i] : nullptr;
      out_ << indent << "  ";
      print(shown.items()[i], origin == nullptr ? shown.items()[i] : *origin, indent + "  ");
      end(shown.items()[i], origin);
    }
    out_ << indent << ']';
  }

  void end(const json::Value& value, const json::Value* origin) {
    out_ << ',';
    const bool nested =
        (value.is_object() && !value.members().empty()) || (value.is_array() && has_objects(value));
    if (!nested && origin != nullptr) {
      const Place place = sources_.place(origin->origin());
      if (!place.file.empty()) out_ << "  // " << place.file << ':' << place.line;
    }
    out_ << '\n';
  }

  std::ostream& out_;
  const config::Sources& sources_;
};

int show(const Invocation& invocation) {
  CommandLine line("config show",
                   "The configuration as it is read: the main file and conf.d merged, each value "
                   "with the place it comes from.\nReferences stay references, secrets are "
                   "masked.");
  if (const auto over = line.parse(invocation)) return *over;
  const auto configuration = load_configuration(invocation, line, {"plugins"});
  if (!configuration) return kConfiguration;
  // The plugins' schemas say what is a secret; a plugin that cannot be loaded is not our business
  // here: its settings are judged by their names.
  Diagnostics ignored;
  telemetry::Log log({telemetry::Level::Error, false});
  LoggedHostServices services(log);
  const auto registry =
      plugin::Registry::load(plugin_policy(configuration->settings), services, ignored);
  if (line.json()) {
    print_json(invocation.out, views::show_configuration(*configuration, *registry));
    return kDone;
  }
  const json::Value masked = views::masked_configuration(*configuration, *registry);
  OriginPrinter(invocation.out, configuration->sources).print(masked, configuration->merged, "");
  invocation.out << '\n';
  return kDone;
}

}  // namespace

int config_command(const Invocation& invocation) {
  return run_group("config", {{"show", "the merged configuration, with origins", show}},
                   invocation);
}

}  // namespace observerd::app
