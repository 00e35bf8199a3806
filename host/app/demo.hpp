#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "app/demo_receiver.hpp"
#include "base/status.hpp"
#include "postgres/private_server.hpp"

namespace observerd::app {

/// The main job on this machine, for real: a private PostgreSQL, a table, changes made with psql,
/// the daemon as a process of its own, a receiver that fails for a while, a dead letter and its
/// retry. Prints what was run and what came of it; nothing is made up. One thread uses it.
class Demo {
 public:
  Demo(std::ostream& out, bool colour, const std::atomic<bool>& interrupted);
  ~Demo();
  Demo(const Demo&) = delete;
  Demo& operator=(const Demo&) = delete;

  /// Everything up to the summary. An error says at which step, with the end of the daemon's log.
  Status run();
  /// Leaves everything running until interrupted.
  void stay();

 private:
  using Words = std::vector<std::string>;

  Status prepare();
  Status write_configuration();
  Status start_daemon();
  Status change_rows();
  Status fail_and_retry();
  Status summarise();
  void print_continuation(bool running);

  void heading(const std::string& text);
  void say(const std::string& text);
  void received(const DemoReceiver::Request& request);
  /// Runs a command, shown as a person would type it, and prints its output.
  Status shell(const Words& arguments, const std::string& shown, std::string* output = nullptr,
               bool quiet = false);
  Status observerd(const Words& arguments, std::string* output = nullptr, bool quiet = false);
  Status psql(const std::string& sql, std::string* output = nullptr, bool quiet = false);
  Status wait_for(const std::string& path, int status, std::size_t count);
  Status stopped() const;
  Words environment() const;

  std::ostream& out_;
  const bool colour_;
  const std::atomic<bool>& interrupted_;
  std::mutex print_mutex_;
  std::filesystem::path directory_;
  std::filesystem::path psql_;
  std::unique_ptr<postgres::PrivateServer> server_;
  DemoReceiver receiver_;
  std::optional<postgres::ChildProcess> daemon_;
};

}  // namespace observerd::app
