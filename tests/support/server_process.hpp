#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "postgres/process.hpp"

namespace observerd::testing {

/// A folder under the system's temporary one, gone with the object. Readable by everybody: servers
/// that were started by root give their rights up.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  /// Writes a file and gives its path.
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

/// The full path of a program in PATH or one of the sbin directories; "" when there is none.
std::string find_program(const std::string& name);

/// Runs a program to its end and gives its output. Throws, with that, when it fails.
std::string run_program(const std::vector<std::string>& words);

/// A server program that listens on a free port of 127.0.0.1. It ends with the object, and with
/// this process in whatever way that ends.
class ServerProcess {
 public:
  using CommandLine = std::function<std::vector<std::string>(int port)>;

  /// Runs what `command_line` says for a port until something listens there, and with another port
  /// when it ends before that. Throws, with its output, when it does not come up. restart() asks
  /// `command_line` again.
  explicit ServerProcess(CommandLine command_line);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  int port() const { return port_; }
  /// Ends it like a crash.
  void kill();
  /// Ends it like a crash, and runs it anew on the same port. Throws as the constructor does.
  void restart();
  /// What it has written to stdout and stderr so far.
  std::string output() const;

 private:
  bool start();
  bool comes_up();

  const CommandLine command_line_;
  TestFolder folder_;
  std::optional<postgres::ChildProcess> process_;
  int port_ = 0;
};

}  // namespace observerd::testing
