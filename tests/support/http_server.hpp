#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/acceptor.hpp"

namespace observerd::testing {

/// A request as it stood on the wire.
struct HttpRequest {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;  ///< in order, names as sent
  std::string body;
  std::chrono::steady_clock::time_point time;
  int connection = 0;  ///< which one it came on, from 1

  /// The first header of that name (case does not matter); "" when it is not there.
  std::string header(std::string_view name) const;
  std::size_t count_header(std::string_view name) const;
};

/// How one request is answered, well or badly.
struct HttpReply {
  enum class Then : unsigned char { KeepOpen, Close, Reset };

  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::chrono::milliseconds delay{0};  ///< before anything is sent
  std::chrono::milliseconds drip{0};   ///< between the bytes of the whole answer
  std::size_t missing_bytes = 0;       ///< Content-Length promises so many more than come
  std::string raw = {};                ///< sent instead of a well-formed answer
  bool is_silent = false;              ///< nothing is sent
  Then then = Then::KeepOpen;

  HttpReply() = default;
  explicit HttpReply(int status, std::string body = {}) : status(status), body(std::move(body)) {}

  HttpReply with(std::string name, std::string value) &&;
  HttpReply after(std::chrono::milliseconds wait) &&;

  static HttpReply dripping(std::chrono::milliseconds pause);
  static HttpReply truncated();             ///< ends before its announced length
  static HttpReply bytes(std::string raw);  ///< these, then the connection is closed
  static HttpReply closed();                ///< closes the connection without an answer
  static HttpReply reset();                 ///< likewise, with a TCP reset
  static HttpReply hang();                  ///< no answer as long as the server lives
};

/// A small HTTP/1.1 server on a free port of 127.0.0.1 that answers by script and remembers what it
/// was sent. Written by hand because it must be able to misbehave in each way a receiver can.
/// Thread-safe. The destructor ends every connection, whatever it is waiting for.
class HttpServer {
 public:
  using Handler = std::function<HttpReply(const HttpRequest& request)>;

  HttpServer();
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return acceptor_.port(); }
  /// "http://127.0.0.1:PORT" + path
  std::string url(const std::string& path = "/") const;

  /// The answers of the next requests, one each; after them the handler answers (200 by default).
  void script(std::vector<HttpReply> replies);
  void always(HttpReply reply);
  void handle(Handler handler);

  /// True once that many requests have arrived.
  bool wait_for(std::size_t count,
                std::chrono::milliseconds timeout = std::chrono::seconds(10)) const;
  std::vector<HttpRequest> requests() const;
  HttpRequest request(std::size_t index) const;
  int connections() const { return acceptor_.connections(); }
  /// What was wrong with requests: malformed lines, a missing or repeated Host, bad framing.
  std::vector<std::string> violations() const;

 private:
  void serve(int socket, int number);
  bool read_request(int socket, std::string& buffer, HttpRequest& request);
  HttpReply next_reply(const HttpRequest& request);
  bool answer(int socket, const HttpReply& reply);
  bool send_text(int socket, std::string_view text, std::chrono::milliseconds drip);
  /// False when the server is going away.
  bool pause(std::chrono::milliseconds time);
  void violation(std::string what);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool is_ending_ = false;
  std::deque<HttpReply> script_;
  Handler handler_;
  std::vector<HttpRequest> requests_;
  std::vector<std::string> violations_;
  Acceptor acceptor_;  // last: it uses the rest
};

}  // namespace observerd::testing
