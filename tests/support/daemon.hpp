#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "postgres/process.hpp"

/// observerd as its users run it: the built binary with a configuration of its own. Every function
/// throws std::runtime_error when something fails, which fails the test.
namespace observerd::testing {

struct CommandResult {
  int exit = -1;  ///< the exit code; 128 and the signal when it was killed
  std::string out;
  std::string err;
};

/// A database with observerd's tables, a configuration for it in a directory of its own, and the
/// program to run with both. Not thread-safe.
///
/// The configuration finds the shipped plugins and lets webhooks go to this machine; what a test
/// wants beside that it gives to configure().
class Installation {
 public:
  /// Migrates the database with the binary, which changes nothing where that is done.
  explicit Installation(std::string database_url);
  ~Installation();
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  /// The rest of the configuration, as a user would write it into conf.d. Replaces the one before.
  void configure(const std::string& json);
  /// Puts a fixture of tests/plugins where the daemon looks for plugins.
  void add_plugin(const std::string& name);
  /// Runs a command to its end, with --config.
  CommandResult cli(const std::vector<std::string>& arguments) const;
  /// The same, for commands that must succeed; returns what it printed.
  std::string must(const std::vector<std::string>& arguments) const;
  void capture(const std::string& table, const std::string& entity);

  const std::string& database() const { return database_; }
  const std::filesystem::path& directory() const { return directory_; }
  std::string config_file() const { return directory_ / "observerd.json"; }

 private:
  const std::string database_;
  std::filesystem::path directory_;
};

/// A running `observerd run`; ends with this object, and with the test whatever ends that.
/// Not thread-safe.
class Daemon {
 public:
  explicit Daemon(const Installation& installation, const std::vector<std::string>& options = {});
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Until `observerd status` says that delivery is moving.
  void wait_until_ready() const;
  bool running() const { return process_.running(); }
  int pid() const { return process_.pid(); }
  void signal(int number) const { process_.signal(number); }
  /// The exit code (as in CommandResult); nullopt when it still runs after the time.
  std::optional<int> wait(std::chrono::milliseconds timeout);
  /// SIGTERM, and its exit code; SIGKILL when that does not help.
  int stop(std::chrono::milliseconds timeout = std::chrono::seconds(60));
  /// SIGKILL.
  void kill();
  std::string log() const;

 private:
  const Installation& installation_;
  const std::filesystem::path log_;
  postgres::ChildProcess process_;
};

}  // namespace observerd::testing
