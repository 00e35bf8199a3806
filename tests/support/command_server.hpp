#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

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

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }
  /// How many commands have come in all.
  int commands() const { return commands_; }

 private:
  struct Session {
    int socket = -1;
    std::thread thread;
  };

  void accept_all();
  void serve(int socket);
  bool answer(int socket, const std::vector<std::string>& words);

  const Protocol protocol_;
  const Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<int> commands_{0};
  std::atomic<bool> is_ending_{false};
  std::mutex mutex_;
  std::list<Session> sessions_;
  std::thread acceptor_;
};

}  // namespace observerd::testing
