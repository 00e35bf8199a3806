#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace observerd::testing {

/// A connection to the admin server on the level of bytes, so that it can be as rude as needed.
/// Throws std::runtime_error when it cannot connect.
class RawClient {
 public:
  /// As Server::address() gives it: "127.0.0.1:PORT", "[::1]:PORT", "unix:/PATH".
  explicit RawClient(const std::string& address);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False when the other side has gone.
  bool send(std::string_view bytes);
  /// Everything up to the end of the connection; what came when that takes more than 20 s.
  std::string read_all();
  /// Waits for the connection to end while sending a byte each `pause`.
  std::chrono::milliseconds drip_until_closed(std::chrono::milliseconds pause);

 private:
  int fd_ = -1;
};

/// An answer, taken apart.
struct Reply {
  int status = 0;
  std::string head, body;
};

/// One well-formed request on a connection of its own.
Reply ask(const std::string& address, const std::string& method, const std::string& target,
          const std::string& headers = {}, const std::string& body = {});
/// These bytes on a connection of their own.
Reply ask_raw(const std::string& address, std::string_view bytes);

}  // namespace observerd::testing
