#include <ostream>

#include "app/commands.hpp"
#include "app/error_catalogue.hpp"
#include "app/output.hpp"
#include "app/views/help_view.hpp"
#include "base/strings.hpp"

namespace observerd::app {

int help_command(const Invocation& invocation) {
  const char* usage = "help [OBxxx | COMMAND]";
  CommandLine line(usage,
                   "What an error number means, with an example and what to do; or all of them. Of "
                   "a command: its --help.");
  line.positional("subject", "an error number, e.g. OB005, or a command", -1);
  if (const auto over = line.parse(invocation)) return *over;
  std::vector<std::string> words = line.words("subject");
  const std::string wanted = words.empty() ? "" : words[0];
  const bool is_number = wanted.size() > 2 && ascii_iequals(wanted.substr(0, 2), "OB") &&
                         wanted[2] >= '0' && wanted[2] <= '9';
  if (!wanted.empty() && !is_number) {
    words.emplace_back("--help");
    return run_observerd(
        {std::move(words), invocation.out, invocation.err, invocation.environment});
  }
  bool found = false;
  for (const ErrorHelp& help : error_catalogue()) {
    const std::string name = code_name(help.code);
    if (!wanted.empty() && !ascii_iequals(wanted, name)) continue;
    found = true;
    if (line.json()) continue;
    if (wanted.empty()) {
      invocation.out << name << "  " << help.title << '\n';
    } else {
      invocation.out << name << "  " << help.title << "\n\n"
                     << help.cause << "\n\nExample:\n    " << help.example
                     << "\n\nWhat to do:\n    " << help.what_to_do << '\n';
    }
  }
  if (!found) {
    return usage_error(invocation, usage,
                       "there is no error number \"" + wanted + "\"; they go from OB001 to OB020");
  }
  if (line.json()) print_json(invocation.out, views::error_help(wanted));
  return kDone;
}

}  // namespace observerd::app
