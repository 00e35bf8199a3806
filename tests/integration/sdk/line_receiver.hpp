#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/json.hpp"
#include "support/loopback.hpp"

namespace observerd::testing {

/// What the plugin of sdk/template talks to: takes a connection, reads a line, answers with one.
/// Thread-safe.
class LineReceiver {
 public:
  /// `answer` makes the answer to a request.
  explicit LineReceiver(std::function<std::string(const json::Value& request)> answer);
  ~LineReceiver();
  LineReceiver(const LineReceiver&) = delete;
  LineReceiver& operator=(const LineReceiver&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(listener_.port); }
  /// Until so many requests have come; false when they do not within a minute.
  [[nodiscard]] bool wait_for(std::size_t count) const;
  std::vector<json::Value> requests() const;

 private:
  void run();
  void serve(int peer);

  const std::function<std::string(const json::Value&)> answer_;
  const LoopbackListener listener_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<json::Value> requests_;
  std::thread thread_;
};

}  // namespace observerd::testing
