#pragma once

#include <boost/program_options.hpp>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "config/load.hpp"

namespace observerd::app {

/// The exit codes that scripts rely on.
enum Exit : int {
  kDone = 0,
  kNegative = 1,       ///< a negative answer: `eval` false, `status` not moving
  kUsage = 2,          ///< wrong usage
  kConfiguration = 3,  ///< configuration, conditions, templates: every finding of `check`
  kDatabase = 4,
  kPlugin = 5,
  kEvaluation = 6,
};

/// The exit code that belongs to an error number.
Exit exit_code(Code code);

/// Where a command runs: injected, so that tests can call commands as functions.
struct Invocation {
  std::vector<std::string> arguments;  ///< without the program's and the command's name
  std::ostream& out;
  std::ostream& err;
  config::Environment environment;
};

/// The options of one command. Every command has --config and --help, and --json unless
/// it says otherwise.
class CommandLine {
 public:
  /// `usage` is what follows "observerd ", e.g. "dlq show ID".
  CommandLine(std::string usage, std::string summary);

  boost::program_options::options_description_easy_init add() { return options_.add_options(); }
  /// Words without a dash, gathered under `name`; `most` of them at most, -1 for any number.
  void positional(const char* name, const char* description, int most);

  /// For commands that have no answer which a program could read.
  void without_json() { with_json_ = false; }
  /// Parses. An exit code when the command is over: --help was printed, or the usage is wrong.
  std::optional<int> parse(const Invocation& invocation);

  bool json() const { return has("json"); }
  std::string config_file() const { return text("config"); }
  bool has(const std::string& name) const { return values_.count(name) > 0; }
  std::string text(const std::string& name) const;
  int number(const std::string& name) const { return values_[name].as<int>(); }
  std::vector<std::string> words(const std::string& name) const;

 private:
  std::string usage_;
  std::string summary_;
  bool with_json_ = true;
  boost::program_options::options_description options_;
  boost::program_options::options_description hidden_;
  boost::program_options::positional_options_description positional_;
  boost::program_options::variables_map values_;
};

/// Says that the usage is wrong, and how to get help. Returns kUsage.
int usage_error(const Invocation& invocation, const std::string& usage, const std::string& problem);

/// Prints one error to err and returns its exit code.
int fail(const Invocation& invocation, const Status& status);
/// Prints every error and warning to err, and nothing when there is none.
void print(const Invocation& invocation, const Diagnostics& diagnostics);

/// A subcommand; groups (`dlq`, `capture`, `plugins`) name their own below.
struct Command {
  const char* name;
  const char* summary;
  int (*run)(const Invocation& invocation);
};

/// Runs the command that the first argument names, or prints the list of them.
int run_group(const std::string& group, const std::vector<Command>& commands,
              const Invocation& invocation);

/// The whole program.
int run_observerd(const Invocation& invocation);

}  // namespace observerd::app
