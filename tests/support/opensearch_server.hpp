#pragma once

#include <string>

#include "support/server_process.hpp"

namespace observerd::testing {

/// The answer to one request; status 0 when there was none.
struct OpenSearchAnswer {
  long status = 0;
  std::string body;
};

/// A private OpenSearch with one node and no data, on a free port of 127.0.0.1, gone with the
/// object. Starting it takes seconds: once for a whole suite. What installs it:
/// install-opensearch.sh.
class OpenSearchServer {
 public:
  /// Whether it has been installed into the build directory.
  static bool is_there();
  /// What a skipped test says.
  static const char* missing();

  /// `java_options` come after those that keep it small.
  explicit OpenSearchServer(std::vector<std::string> java_options = {});

  std::string url(const std::string& path = "") const;
  OpenSearchAnswer request(const std::string& method, const std::string& path,
                           const std::string& body = "") const;
  /// Kills it; what it has acknowledged is on its disk.
  void kill() { process_.kill(); }
  /// Runs it anew on the same port with the same data.
  void restart();
  std::string output() const { return process_.output(); }

 private:
  void wait_until_ready() const;

  TestFolder folder_;
  ServerProcess process_;
};

}  // namespace observerd::testing
