#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "expectation.hpp"
#include "receivers.hpp"
#include "support/daemon.hpp"

namespace observerd::testing {

/// A file of tests/scenario; README.md there describes the format.
struct ScenarioFile {
  std::string suite;
  std::string name;   ///< of the file, "retry_after.json" is RetryAfter
  std::string title;  ///< one sentence
  json::Value content;
};

/// Throws std::runtime_error naming the file when it cannot be used.
ScenarioFile read_scenario(const std::filesystem::path& file);

/// Plays one: its own database, receivers and daemon. Failures are GoogleTest's.
class Scenario {
 public:
  explicit Scenario(const ScenarioFile& file);
  void play();

 private:
  void prepare();
  void step(const json::Value& step);
  void run_command(const json::Value& step);
  void expect(const json::Value& expected);
  void start();
  void stop(const std::string& signal);
  /// Nothing waits or is under way: what is to happen now has happened.
  bool is_settled() const;
  /// "${crm}" and "${dead_letter}", the id of the only dead letter.
  std::string substitute(const std::string& text) const;

  const ScenarioFile& file_;
  Receivers receivers_;
  Installation installation_;
  std::unique_ptr<Daemon> daemon_;
  std::string old_logs_;
};

}  // namespace observerd::testing
