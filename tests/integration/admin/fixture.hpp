#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "admin/server.hpp"
#include "integration/admin/client.hpp"
#include "telemetry/metrics.hpp"

namespace observerd::testing {

/// A server with the real metrics and a few endpoints, on a free port or a socket in a directory of
/// its own.
class AdminServerTest : public ::testing::Test {
 protected:
  AdminServerTest();
  ~AdminServerTest() override;

  /// Starts it and returns where it listens.
  std::string start(admin::ServerOptions options = {"127.0.0.1:0", "", {}});
  Status try_start(admin::ServerOptions options);
  admin::Contents contents();

  std::filesystem::path directory_;
  telemetry::Log log_{{telemetry::Level::Error}};
  telemetry::Metrics metrics_{{"1.0", 1, 0, {"delivered"}}};
  std::unique_ptr<admin::Server> server_;
};

}  // namespace observerd::testing
