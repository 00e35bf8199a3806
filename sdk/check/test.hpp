#pragma once

#include <string_view>
#include <vector>

#include "check/trial.hpp"

namespace observerd::check {

/// One test: what it asks, and the code that finds the answer.
struct Test {
  const char* name;  ///< kebab-case, stable: scripts select by it
  /// The tests without which this one says nothing: it is skipped when one of them did not pass.
  std::vector<std::string_view> needs;
  const char* description;  ///< one sentence: what a conforming plugin does
  const char* advice;       ///< one sentence: what helps when it fails
  void (*run)(Trial& trial);
};

/// All of them, each after what it needs.
const std::vector<Test>& all_tests();
/// nullptr when there is none of that name.
const Test* find_test(std::string_view name);

/// Runs one on the trial. What it throws is a failure of the test.
void run_test(const Test& test, Trial& trial);

}  // namespace observerd::check
