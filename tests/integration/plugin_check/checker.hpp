#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"

/// Runs the built observerd-plugin-check as users do.
namespace observerd::testing {

struct Checked {
  int exit_code = -1;  ///< -1: ended by a signal
  std::string out, err;
};

std::string checker_program();
Checked run_program(const std::string& program, const std::vector<std::string>& arguments);
/// The checker with these arguments, as they are.
Checked check_plain(const std::vector<std::string>& arguments);
/// With --json, short time limits, and these arguments; `json` must fit its schema (a failure of
/// the calling test else).
struct CheckedJson : Checked {
  json::Value report;
  /// The names of the tests with that result.
  std::set<std::string> tests(const std::string& result) const;
  /// What was seen by one test, joined; "" when nothing was, or there is no such test.
  std::string seen(const std::string& test) const;
};
CheckedJson check_json(const std::vector<std::string>& arguments);

std::string fixture(const std::string& name);         ///< path of tests/plugins/NAME.so
std::string shipped_plugin(const std::string& name);  ///< path of plugins/NAME.so

/// A new file with that text; the caller removes it.
std::string temporary_file(const std::string& text);
std::string read_text(const std::string& path);
/// What in a document is against config/schema/NAME.json, one line each; "" for nothing.
std::string against_schema(const std::string& name, const json::Value& document);

}  // namespace observerd::testing
