#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <string>
#include <vector>

#include "support/acceptor.hpp"

namespace observerd::testing {

/// What a mail server says to one line, and what it does then.
struct SmtpAnswer {
  enum class Then : unsigned char { KeepOpen, Close, Reset, Hang };

  std::string text = "250 OK\r\n";  ///< sent as it is; "" for nothing
  Then then = Then::KeepOpen;
  std::chrono::milliseconds drip{0};  ///< between its bytes

  /// That line, with CRLF.
  static SmtpAnswer line(const std::string& text, Then then = Then::KeepOpen) {
    return {text + "\r\n", then, {}};
  }
  static SmtpAnswer closed() { return {"", Then::Close, {}}; }
  static SmtpAnswer reset() { return {"", Then::Reset, {}}; }
  static SmtpAnswer hang() { return {"", Then::Hang, {}}; }
};

/// A mail server in the clear on a free port of 127.0.0.1 that answers by script and remembers
/// every byte. Written by hand because it must be able to misbehave in each way that servers can.
/// Thread-safe. The destructor ends every connection.
class SmtpServer {
 public:
  /// What stands for the begin of a connection and for the end of a message among the lines.
  static constexpr const char* kConnect = "(connect)";
  static constexpr const char* kMessage = "(message)";

  SmtpServer();
  ~SmtpServer();
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  int port() const { return acceptor_.port(); }
  /// Lines that begin with `prefix` are answered so, the next `times` of them. Later rules go
  /// first.
  void when(const std::string& prefix, SmtpAnswer answer, int times = 1'000'000);
  void forget_rules();
  /// Closes every connection, as a server that is restarted.
  void drop_connections() { acceptor_.drop_connections(); }

  /// Commands of all connections, without their line ends, and kConnect and kMessage, in order.
  std::vector<std::string> lines() const;
  std::size_t count(const std::string& prefix) const;
  /// The messages that were there whole, with their dots.
  std::vector<std::string> messages() const;
  bool wait_for(const std::string& prefix, std::size_t times = 1) const;

 private:
  struct Rule {
    std::string prefix;
    SmtpAnswer answer;
    int left;
  };
  void converse(int socket);
  SmtpAnswer answer_to(const std::string& line);
  bool give(int socket, const SmtpAnswer& answer);
  /// False when the server is going away.
  bool pause(std::chrono::milliseconds time);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool is_ending_ = false;
  std::list<Rule> rules_;
  std::vector<std::string> lines_, messages_;
  Acceptor acceptor_;  // last: it uses the rest
};

}  // namespace observerd::testing
