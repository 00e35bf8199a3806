#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "postgres/process.hpp"

namespace observerd::postgres {

struct PrivateServerOptions {
  /// Where its directory is made; empty: the system's directory for temporary files.
  std::filesystem::path parent;
  /// An initialised cluster (a data directory of a server that was shut down) to copy instead of
  /// running initdb.
  std::filesystem::path cluster;
  /// fsync on. Off, what was committed still survives kill() and Stop::Immediate, since the kernel
  /// keeps what was written; only a crash of the machine loses it.
  bool durable = false;
  bool tcp = false;   ///< also listens on a free port of 127.0.0.1, without passwords
  bool keep = false;  ///< the directory stays at destruction
  std::vector<std::string> settings;  ///< further lines of postgresql.conf
};

/// A PostgreSQL server of our own for demonstrations and tests: in a directory of its own, on a
/// Unix socket in that directory (mode 0700), without passwords, UTF-8, C locale, touching no
/// system service. Runs as the present user; for root as the user postgres, else nobody. Any
/// number of them may run at once. Ends with this process, however that ends; directories that a
/// killed process left behind are removed by the next create(). Not thread-safe.
class PrivateServer {
 public:
  enum class Stop : unsigned char {
    Fast,       ///< SIGINT: clients are disconnected, then a clean shutdown
    Immediate,  ///< SIGQUIT: as a crash, recovery at the next start
  };

  /// Made and started. OB009 when PostgreSQL is not installed or does not start.
  static Result<std::unique_ptr<PrivateServer>> create(const PrivateServerOptions& options = {});
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  /// Returns when the server takes connections.
  Status start();
  Status stop(Stop how = Stop::Fast);
  Status restart(Stop how = Stop::Fast);
  /// SIGKILL to the postmaster; its other processes end when they notice, start() waits for that.
  Status kill();
  bool running() const { return postmaster_.has_value() && postmaster_->running(); }

  /// postgresql:// URL over the Unix socket, as the superuser "postgres".
  std::string url(const std::string& database = "postgres",
                  const std::string& user = "postgres") const;
  /// The same over TCP; only with Options::tcp.
  std::string tcp_url(const std::string& database = "postgres",
                      const std::string& user = "postgres") const;
  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path data_directory() const { return directory_ / "data"; }
  std::filesystem::path log_file() const { return directory_ / "log"; }

 private:
  PrivateServer() = default;
  Status make_directory();
  Status make_cluster();
  Status write_settings();
  Status wait_until_ready();

  PrivateServerOptions options_;
  std::filesystem::path binaries_;
  Account account_;
  std::filesystem::path directory_;
  int owner_lock_ = -1;  ///< flock held while we live: nobody removes our directory
  int port_ = 5432;
  std::optional<ChildProcess> postmaster_;
};

/// Where postgres and initdb lie: pg_config's directory, /usr/lib/postgresql/N/bin (the newest),
/// or a directory of PATH. OB009 when there is none.
Result<std::filesystem::path> find_server_binaries();

}  // namespace observerd::postgres
