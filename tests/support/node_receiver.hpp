#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "support/server_process.hpp"

namespace observerd::testing {

/// A program of tests/receivers on a free port of 127.0.0.1, which writes a line of JSON for each
/// request before it answers.
class NodeReceiver {
 public:
  /// Runs `node SCRIPT PORT ARGUMENT…` with these variables ("NAME=value") in its environment.
  /// Throws when it does not come up.
  explicit NodeReceiver(const std::string& script, const std::vector<std::string>& arguments = {},
                        const std::vector<std::string>& environment = {});

  /// Why such a program cannot run: no node, or not this npm package; "" when it can.
  static std::string missing(const std::string& package = {});
  /// Where the packages are: a directory that holds node_modules.
  static std::string packages();

  int port() const { return process_.port(); }
  /// "http://127.0.0.1:PORT" + path
  std::string url(const std::string& path = "", const std::string& scheme = "http") const;
  void kill() { process_.kill(); }
  void restart() { process_.restart(); }
  /// What it has written so far. Throws when a line is no JSON.
  std::vector<json::Value> lines() const;
  std::string output() const { return process_.output(); }

 private:
  ServerProcess process_;
};

}  // namespace observerd::testing
