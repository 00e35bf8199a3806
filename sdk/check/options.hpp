#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/status.hpp"

namespace observerd::check {

struct Options {
  std::string file;
  std::string config;              ///< "" for generated settings
  std::vector<std::string> tests;  ///< empty: all
  bool json = false;
  bool only_failed = false;
  bool list = false;
  bool in_process = false;
  bool network = false;
  bool help = false;
  bool version = false;
  std::chrono::milliseconds time_limit{20'000};
  std::size_t jobs = 0;  ///< 0: as many as there are processors, at least 2
};

/// Reads the command line. An error is wrong usage (exit code 2).
Result<Options> read_options(const std::vector<std::string>& arguments);
std::string help_text();

}  // namespace observerd::check
