#pragma once

#include <string>
#include <string_view>

namespace observerd::testing {

/// A TCP connection to 127.0.0.1 for tests that look at a server with its own protocol.
class TcpClient {
 public:
  /// Throws when nobody listens.
  explicit TcpClient(int port);
  ~TcpClient();
  TcpClient(const TcpClient&) = delete;
  TcpClient& operator=(const TcpClient&) = delete;

  void send(std::string_view text);
  /// Reads until `text` has arrived, and gives what came up to its end; throws when the connection
  /// ends before that or nothing comes for half a minute.
  std::string read_until(std::string_view text);
  /// Reads until the other side closes.
  std::string read_rest();

 private:
  bool receive();

  int socket_;
  std::string buffer_;
};

}  // namespace observerd::testing
