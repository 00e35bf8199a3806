#pragma once

#include <chrono>
#include <vector>

#include "check/finding.hpp"
#include "check/isolation.hpp"
#include "check/options.hpp"
#include "check/test.hpp"

namespace observerd::check {

/// What became of one test.
struct Outcome {
  const Test* test = nullptr;
  Finding finding;
  std::chrono::milliseconds took{0};
};

struct RunResult {
  std::vector<Outcome> outcomes;  ///< in the order of all_tests
  Isolation isolation;            ///< of the test processes
  bool stuck = false;             ///< a thread of this process is stuck in the plugin
};

/// The named tests and what they need; all without names.
std::vector<const Test*> select_tests(const std::vector<std::string>& names);

/// Runs them, several at a time, each in a process of its own and after what it needs; what needs a
/// test that failed is skipped.
RunResult run_in_children(const std::vector<const Test*>& tests, const plugin::Candidate& file,
                          const GivenSettings& given, const Options& options);

/// Runs them in this process, one after the other.
RunResult run_in_process(const std::vector<const Test*>& tests, const plugin::Candidate& file,
                         const GivenSettings& given, const Options& options);

}  // namespace observerd::check
