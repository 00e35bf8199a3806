#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "support/daemon.hpp"
#include "support/postgres.hpp"

namespace observerd::testing {

/// What is wrong with an output by config/schema/NAME.json, a line each; "" when nothing is.
std::string against_schema(const std::string& name, const std::string& output);

/// Parses an output of --json; throws std::runtime_error when it is none.
json::Value parsed(const std::string& output);

/// `text` in lines, without the ends of lines.
std::vector<std::string> lines(const std::string& text);

void write_text(const std::filesystem::path& file, const std::string& text);

/// Puts the text of an event where the program of `installation` can read it; returns the file.
std::string event_file(const Installation& installation, const std::string& json);

/// Replaces the main configuration: for what configure() cannot say again, such as the database.
void write_main(const Installation& installation, const std::string& json);

/// A variable of the environment of the programs that this test runs, as long as this object lives;
/// then it is what it was before. Not thread-safe.
class EnvironmentVariable {
 public:
  EnvironmentVariable(std::string name, const std::string& value);
  ~EnvironmentVariable();
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

 private:
  const std::string name_;
  std::optional<std::string> before_;
};

}  // namespace observerd::testing
