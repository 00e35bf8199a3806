#include <unistd.h>

#include <exception>
#include <iostream>

#include "check/loader.hpp"
#include "check/options.hpp"
#include "check/report.hpp"
#include "check/run.hpp"
#include "observerd/plugin.h"

namespace observerd::check {
namespace {

enum ExitCode : int { conforms = 0, failed = 1, wrong_usage = 2, not_examined = 5 };

int refuse(const Status& status, ExitCode code) {
  std::cerr << status.to_string() << '\n';
  return code;
}

std::string version_text() {
  return std::string("observerd-plugin-check ") + OBSERVERD_VERSION + "\nplugin ABI " +
         std::to_string(OBSERVERD_ABI_MAJOR) + "." + std::to_string(OBSERVERD_ABI_NEWEST_MINOR) +
         "\n";
}

int run(const std::vector<std::string>& arguments) {
  const Result<Options> options = read_options(arguments);
  if (!options) return refuse(options.status(), wrong_usage);
  if (options->help || options->version || options->list) {
    std::cout << (options->help      ? help_text()
                  : options->version ? version_text()
                                     : list_of_tests(options->json));
    return conforms;
  }
  GivenSettings given;
  if (!options->config.empty()) {
    Result<GivenSettings> read = read_given_settings(options->config);
    if (!read) return refuse(read.status(), wrong_usage);
    given = *std::move(read);
  }
  const Result<plugin::Candidate> file = open_file(options->file);
  if (!file) return refuse(file.status(), not_examined);

  const std::vector<const Test*> tests = select_tests(options->tests);
  const RunResult result = options->in_process ? run_in_process(tests, *file, given, *options)
                                               : run_in_children(tests, *file, given, *options);
  std::cout << (options->json ? json_report(result, *file) : text_report(result, *file, *options))
            << std::flush;
  const int code = Counts(result).conforms() ? conforms : failed;
  if (result.stuck) ::_exit(code);  // exit handlers would wait for the stuck thread, or crash it
  return code;
}

}  // namespace
}  // namespace observerd::check

int main(int argc, char** argv) {
  try {
    return observerd::check::run({argv + 1, argv + argc});
  } catch (const std::exception& problem) {
    // Nothing below throws in normal life: memory ran out, or a defect.
    std::cerr << "observerd-plugin-check: internal error: " << problem.what() << '\n';
    return 70;
  }
}
