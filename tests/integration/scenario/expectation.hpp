#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "receivers.hpp"

namespace observerd::testing {

/// Compares the world with the "expect" of a step; README.md in tests/scenario describes it.
class Expectation {
 public:
  Expectation(const json::Value& expected, const std::string& database, const Receivers& receivers)
      : expected_(expected), database_(database), receivers_(receivers) {}

  /// What is not as expected, one sentence each; none when all is. `log` is the daemon's.
  std::vector<std::string> problems(const std::string& log) const;
  /// More has happened than may: waiting does not make it better.
  bool is_beyond_hope() const;

 private:
  void check_requests(std::vector<std::string>& problems) const;
  void check_dead_letters(std::vector<std::string>& problems) const;
  /// A list of beginnings of lines against the rows of a query; `by_default`: also when nothing is
  /// said.
  void check_rows(const char* member, bool by_default, const std::string& sql,
                  std::vector<std::string>& problems) const;
  void check_log(const std::string& log, std::vector<std::string>& problems) const;

  const json::Value& expected_;
  const std::string& database_;
  const Receivers& receivers_;
};

}  // namespace observerd::testing
