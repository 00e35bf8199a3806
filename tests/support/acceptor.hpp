#pragma once

#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace observerd::testing {

/// Listens on a free port of 127.0.0.1 and serves each connection on a thread of its own.
/// Thread-safe.
class Acceptor {
 public:
  /// Given the socket, which is closed when this returns, and which connection it is, from 1.
  using Serve = std::function<void(int socket, int number)>;

  /// Begins at once. Throws std::runtime_error when there is no port to be had.
  Acceptor(int backlog, Serve serve);
  /// end()
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  int port() const { return port_; }
  /// How many there have been.
  int connections() const;
  /// Shuts down those that there are.
  void drop_connections();
  /// Takes no more, drops those that there are, and waits until each has been served.
  void end();

 private:
  struct Connection {
    int socket = -1;
    std::thread thread;
  };

  void accept_all();

  const Serve serve_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  bool is_ending_ = false;
  std::list<Connection> connections_;
  std::thread thread_;
};

}  // namespace observerd::testing
