#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/server_process.hpp"
#include "support/tls_server.hpp"

namespace observerd::testing {

/// redis-server on a free port of 127.0.0.1, keeping nothing on disk.
class RedisServer {
 public:
  static bool is_there();
  /// `options` are further words of its command line. With an authority it speaks TLS only, shows
  /// the certificate NAME, and wants one of the same authority from clients. The authority must
  /// outlive it.
  explicit RedisServer(const std::vector<std::string>& options = {},
                       const TestAuthority* authority = nullptr, const std::string& name = "");

  int port() const { return process_->port(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port()); }
  /// What redis-cli prints for a command; throws when it cannot be asked.
  std::string ask(const std::vector<std::string>& words) const;
  /// Ends it like a crash, and starts it anew on the same port, empty.
  void restart() { process_->restart(); }
  /// Ends it like a crash.
  void kill() { process_->kill(); }

 private:
  TestFolder folder_;
  std::vector<std::string> client_options_;
  std::unique_ptr<ServerProcess> process_;
};

/// Three masters without replicas.
class RedisCluster {
 public:
  /// Throws when the cluster does not come up.
  RedisCluster();

  RedisServer& node(std::size_t index) { return *nodes_[index]; }
  std::size_t size() const { return nodes_.size(); }
  /// Which node serves the slot of a key.
  std::size_t owner_of(const std::string& key);
  /// Asks whatever node has the key, following redirections.
  std::string ask(const std::vector<std::string>& words);

  /// Marks the slot of a key as on its way: what of it is there moves with move_key(), the rest is
  /// answered with ASK.
  void begin_move(const std::string& key, std::size_t to);
  void move_key(const std::string& key, std::size_t to);
  void end_move(const std::string& key, std::size_t to);

 private:
  int slot_of(const std::string& key);
  std::string id_of(std::size_t index) const;
  bool is_whole() const;

  std::vector<std::unique_ptr<RedisServer>> nodes_;
  std::vector<std::string> bus_ports_;
};

}  // namespace observerd::testing
