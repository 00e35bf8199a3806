#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "support/acceptor.hpp"

namespace observerd::testing {

/// What a CommandServer does about one command.
struct CommandReply {
  enum class Then : unsigned char { KeepOpen, Close, Reset };
  std::string bytes = {};
  std::chrono::milliseconds drip{0};  ///< between the bytes
  Then then = Then::KeepOpen;
};

/// A server on a free port of 127.0.0.1 that takes commands as Redis does (a list of texts) or line
/// by line, and answers each as it is told, well or badly. Written by hand because no real server
/// fails on request. Thread-safe.
class CommandServer {
 public:
  enum class Protocol : unsigned char { Redis, Lines };
  /// The words of a command; of a line, the line alone.
  using Handler = std::function<CommandReply(const std::vector<std::string>& words)>;

  CommandServer(Protocol protocol, Handler handler);
  ~CommandServer();
  CommandServer(const CommandServer&) = delete;
  CommandServer& operator=(const CommandServer&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(acceptor_.port()); }
  int connections() const { return acceptor_.connections(); }
  /// How many commands have come in all.
  int commands() const { return commands_; }

 private:
  void serve(int socket);
  bool answer(int socket, const std::vector<std::string>& words);

  const Protocol protocol_;
  const Handler handler_;
  std::atomic<int> commands_{0};
  std::atomic<bool> is_ending_{false};
  Acceptor acceptor_;  // last: it uses the rest
};

}  // namespace observerd::testing
