#pragma once

#include <Poco/Net/StreamSocket.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

#include "base/clock.hpp"

namespace observerd::admin {

/// Ends connections that take too long as a whole: a client that sends a byte a second never runs
/// into a time limit of single reads. One thread; thread-safe.
class Deadlines {
 public:
  Deadlines();
  ~Deadlines();
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  /// From now on the socket is shut down when the time is over. Returns what to extend it by.
  std::uint64_t add(const Poco::Net::StreamSocket& socket, Milliseconds time);
  void extend(std::uint64_t id, Milliseconds time);
  void remove(std::uint64_t id);
  /// Shuts all of them down, and those that are added later at once.
  void end_all();

 private:
  struct Connection {
    Poco::Net::StreamSocket socket;  // shares the descriptor, so that its number is not reused
    SteadyTime deadline;
  };
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, Connection> connections_;
  std::uint64_t last_id_ = 0;
  bool ending_ = false;
  bool stopping_ = false;
  std::thread thread_;  // last: everything else is there when it starts
};

}  // namespace observerd::admin
