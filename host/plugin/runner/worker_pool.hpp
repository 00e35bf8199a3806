#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace observerd::plugin {

/// Runs tasks on threads that it starts as they are needed and keeps: calls into a plugin may block
/// each for as long as it likes. Never destroyed: its threads run until the process ends.
/// Thread-safe.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t most_threads) : most_threads_(most_threads) {}
  ~WorkerPool() = delete;
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Begins the tasks in their order.
  void run(std::function<void()> task);

 private:
  void work();

  const std::size_t most_threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::size_t threads_ = 0, idle_ = 0;
};

}  // namespace observerd::plugin
