#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/status.hpp"

namespace observerd::app {

/// The demo's web server on a free port of the loopback interface: takes what observerd sends,
/// and tells of it. Thread-safe.
class DemoReceiver {
 public:
  struct Request {
    std::string method, path, body;
    std::string delivery;   ///< the webhook-id or Idempotency-Key header
    std::string signature;  ///< the webhook-signature header, or ""
    int answered = 0;       ///< the status it was answered with
  };

  /// `told` is called for each request, from the server's threads, one at a time.
  explicit DemoReceiver(std::function<void(const Request&)> told);
  ~DemoReceiver();
  DemoReceiver(const DemoReceiver&) = delete;
  DemoReceiver& operator=(const DemoReceiver&) = delete;

  Status start();
  /// "http://127.0.0.1:PORT" + path
  std::string url(const std::string& path) const;

  /// While a path is down, it is answered with 503.
  void set_down(const std::string& path, bool down);
  /// How many requests to a path were answered with a status.
  std::size_t count(const std::string& path, int status) const;
  bool wait_for(const std::string& path, int status, std::size_t count, Milliseconds timeout);

 private:
  class Server;
  int take(Request request);

  const std::function<void(const Request&)> told_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> down_;
  std::vector<Request> requests_;
  std::unique_ptr<Server> server_;
};

}  // namespace observerd::app
