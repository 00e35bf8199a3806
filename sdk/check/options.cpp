#include "check/options.hpp"

#include <boost/program_options.hpp>
#include <cmath>
#include <sstream>

#include "base/strings.hpp"
#include "check/test.hpp"

namespace observerd::check {
namespace {

namespace po = boost::program_options;

constexpr double longest_limit_s = 3600;
constexpr unsigned most_jobs = 256;

po::options_description visible() {
  po::options_description options("Options");
  // clang-format off
  options.add_options()
      ("config", po::value<std::string>()->value_name("FILE"),
       "settings to use instead of generated ones: {\"TYPE\": {\"module\": {…}, \"action\": {…}}}")
      ("json", "print the report as JSON (schema: plugin-check.json)")
      ("only-failed", "leave out of the text what is ok or was skipped")
      ("list", "list the tests and end; with --json as JSON")
      ("test", po::value<std::vector<std::string>>()->value_name("NAME"),
       "run this test and those that it needs; may be repeated")
      ("in-process", "run the tests in this process, one after the other: for debuggers and valgrind")
      ("network", "let the plugin use the network; without it only a loopback interface is there, "
                  "where the kernel permits that")
      ("time-limit", po::value<double>()->value_name("S")->default_value(20, "20"),
       "seconds that one test may take; all other waits are fractions of it")
      ("jobs,j", po::value<unsigned>()->value_name("N"), "tests at a time; by default one per processor")
      ("help", "print this and end")
      ("version", "print the version and the ABI and end");
  // clang-format on
  return options;
}

Status wrong(const std::string& message) {
  return Status::error(Code::Configuration, message).note("see observerd-plugin-check --help");
}

Status check_names(const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const Test& test : all_tests()) known.emplace_back(test.name);
  for (const std::string& name : names) {
    if (find_test(name) == nullptr) {
      return wrong("there is no test \"" + name + "\"" + did_you_mean(name, known));
    }
  }
  return {};
}

}  // namespace

Result<Options> read_options(const std::vector<std::string>& arguments) {
  po::options_description all = visible();
  all.add_options()("file", po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("file", -1);
  po::variables_map values;
  try {
    po::store(po::command_line_parser(arguments).options(all).positional(positional).run(), values);
    po::notify(values);
  } catch (const po::error& problem) {
    return wrong(problem.what());
  }
  Options options;
  options.help = values.count("help") != 0;
  options.version = values.count("version") != 0;
  options.json = values.count("json") != 0;
  options.only_failed = values.count("only-failed") != 0;
  options.list = values.count("list") != 0;
  options.in_process = values.count("in-process") != 0;
  options.network = values.count("network") != 0;
  if (values.count("config") != 0) options.config = values["config"].as<std::string>();
  if (values.count("test") != 0) options.tests = values["test"].as<std::vector<std::string>>();
  if (values.count("jobs") != 0) options.jobs = values["jobs"].as<unsigned>();
  if (options.jobs > most_jobs) return wrong("--jobs is at most " + std::to_string(most_jobs));
  const double limit = values["time-limit"].as<double>();
  if (!(limit >= 0.1 && limit <= longest_limit_s)) {
    return wrong("--time-limit is between 0.1 and 3600 seconds");
  }
  options.time_limit = std::chrono::milliseconds(std::llround(limit * 1000));
  if (const Status bad = check_names(options.tests); !bad.ok()) return bad;
  if (options.help || options.version || options.list) return options;
  const auto files = values.count("file") == 0 ? std::vector<std::string>()
                                               : values["file"].as<std::vector<std::string>>();
  if (files.size() != 1) return wrong("name one plugin file");
  options.file = files.front();
  return options;
}

std::string help_text() {
  std::ostringstream text;
  text << "Usage: observerd-plugin-check [options] FILE.so\n\n"
          "Runs a plugin through tests of the plugin ABI, each in a process of its own, and says\n"
          "what it does otherwise than the ABI demands.\n\n"
       << visible()
       << "\nExit codes: 0 it conforms, 1 a test failed, 2 wrong usage, 5 the file is no plugin\n"
          "that can be examined.\n";
  return text.str();
}

}  // namespace observerd::check
