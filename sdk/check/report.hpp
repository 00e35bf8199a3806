#pragma once

#include <string>

#include "check/run.hpp"

namespace observerd::check {

/// How many tests ended which way.
struct Counts {
  explicit Counts(const RunResult& result);
  std::size_t ok = 0, warnings = 0, failed = 0, skipped = 0;
  bool conforms() const { return failed == 0; }
};

/// For a person: what was found and what helps.
std::string text_report(const RunResult& result, const plugin::Candidate& file,
                        const Options& options);
/// As config/schema/plugin-check.json has it.
std::string json_report(const RunResult& result, const plugin::Candidate& file);

/// The tests: one a line, name and description; or as config/schema/plugin-check-list.json has it.
std::string list_of_tests(bool as_json);

}  // namespace observerd::check
