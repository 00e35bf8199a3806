#include "app/command_line.hpp"

#include <algorithm>
#include <ostream>

#include "base/strings.hpp"

namespace observerd::app {
namespace po = boost::program_options;

namespace {

/// Columns of a --help text: what its summaries are written for, and enough for the longest option.
constexpr unsigned kHelpWidth = 110;
constexpr unsigned kDescriptionWidth = 70;

constexpr const char* kConfigFile = "/etc/observerd/observerd.json";

}  // namespace

Exit exit_code(Code code) {
  switch (code) {
    case Code::Ok:
      return kDone;
    case Code::NoMatch:
    case Code::DeadLetterQueue:
      return kNegative;  // what was asked for is not there
    case Code::ConditionEvaluation:
      return kEvaluation;
    case Code::Configuration:
    case Code::ConditionSyntax:
    case Code::ActionSettings:
    case Code::Template:
    case Code::UnknownActionType:
    case Code::BadEvent:
      return kConfiguration;
    case Code::PluginLoad:
    case Code::PluginMisbehaved:
      return kPlugin;
    default:
      return kDatabase;
  }
}

CommandLine::CommandLine(std::string usage, std::string summary)
    : usage_(std::move(usage)),
      summary_(std::move(summary)),
      options_("Options", kHelpWidth, kDescriptionWidth) {}

void CommandLine::positional(const char* name, const char* description, int most) {
  hidden_.add_options()(name, po::value<std::vector<std::string>>(), description);
  positional_.add(name, most);
}

std::optional<int> CommandLine::parse(const Invocation& invocation) {
  // After the command's own options, as --help shows them.
  add()("config,c", po::value<std::string>()->default_value(kConfigFile, "")->value_name("FILE"),
        (std::string("configuration file, by default ") + kConfigFile +
         "; conf.d/*.json beside it is read too")
            .c_str());
  if (with_json_) add()("json", "machine-readable output");
  add()("help,h", "this text");
  try {
    po::options_description all;
    all.add(options_).add(hidden_);
    po::store(
        po::command_line_parser(invocation.arguments)
            .options(all)
            .positional(positional_)
            .style(po::command_line_style::unix_style & ~po::command_line_style::allow_guessing)
            .run(),
        values_);
    po::notify(values_);
  } catch (const po::unknown_option& error) {
    std::vector<std::string> names;
    for (const auto& option : options_.options()) names.push_back("--" + option->long_name());
    return usage_error(invocation, usage_,
                       "there is no option " + error.get_option_name() +
                           did_you_mean(error.get_option_name(), names));
  } catch (const po::error& error) {
    return usage_error(invocation, usage_, error.what());
  }
  if (!has("help")) return std::nullopt;
  invocation.out << "Usage: observerd " << usage_ << "\n\n" << summary_ << "\n\n" << options_;
  return kDone;
}

std::string CommandLine::text(const std::string& name) const {
  return has(name) ? values_[name].as<std::string>() : std::string();
}

std::vector<std::string> CommandLine::words(const std::string& name) const {
  return has(name) ? values_[name].as<std::vector<std::string>>() : std::vector<std::string>();
}

int usage_error(const Invocation& invocation, const std::string& usage,
                const std::string& problem) {
  // The words of the command: up to the first option or placeholder.
  std::string command = usage.substr(0, usage.find_first_of("[-ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
  while (!command.empty() && command.back() == ' ') command.pop_back();
  invocation.err << "observerd: " << problem << "\n    Usage: observerd " << usage
                 << "\n    see observerd " << command << (command.empty() ? "" : " ") << "--help\n";
  return kUsage;
}

int fail(const Invocation& invocation, const Status& status) {
  invocation.err << status.to_string() << '\n';
  return exit_code(status.code());
}

void print(const Invocation& invocation, const Diagnostics& diagnostics) {
  for (const Status& error : diagnostics.errors()) invocation.err << error.to_string() << '\n';
  for (const Status& warning : diagnostics.warnings()) {
    invocation.err << "warning: " << warning.to_string() << '\n';
  }
}

namespace {

void list_commands(std::ostream& out, const std::string& group,
                   const std::vector<Command>& commands) {
  const std::string prefix = group.empty() ? "observerd" : "observerd " + group;
  out << "Usage: " << prefix << " COMMAND [OPTION…]\n\n";
  std::size_t width = 0;
  for (const Command& command : commands) width = std::max(width, std::string(command.name).size());
  for (const Command& command : commands) {
    const std::string name = command.name;
    out << "  " << name << std::string(width - name.size() + 2, ' ') << command.summary << '\n';
  }
  out << "\nMore about one: " << prefix << " COMMAND --help\n";
}

}  // namespace

int run_group(const std::string& group, const std::vector<Command>& commands,
              const Invocation& invocation) {
  const bool none = invocation.arguments.empty();
  const std::string name = none ? "" : invocation.arguments[0];
  if (none || name == "--help" || name == "-h") {
    list_commands(none ? invocation.err : invocation.out, group, commands);
    return none ? kUsage : kDone;
  }
  std::vector<std::string> names;
  for (const Command& command : commands) {
    if (name == command.name) {
      Invocation inner{{invocation.arguments.begin() + 1, invocation.arguments.end()},
                       invocation.out,
                       invocation.err,
                       invocation.environment};
      return command.run(inner);
    }
    names.emplace_back(command.name);
  }
  const std::string prefix = group.empty() ? "" : group + " ";
  return usage_error(invocation, prefix + "COMMAND",
                     "there is no command \"" + prefix + name + "\"" + did_you_mean(name, names));
}

}  // namespace observerd::app
