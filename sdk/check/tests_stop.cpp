#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "check/process_state.hpp"
#include "check/session.hpp"
#include "check/test_functions.hpp"

namespace observerd::check {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t most_items = 4;

/// Brings it about that stop comes while deliver is surely running, neither before nor after it.
class Meeting {
 public:
  /// From within deliver, or where the items are reported: waits a moment for stop to come.
  void arrive() {
    std::unique_lock lock(mutex_);
    arrived_ = true;
    changed_.notify_all();
    // Not for long: stop may be waiting for what this thread has to do.
    changed_.wait_for(lock, milliseconds(5), [this] { return stopping_; });
    lock.unlock();
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  /// Right before stop. Until something is reported, or the thread waits for something in deliver.
  void wait_for_arrival(const ThreadWatch& thread) {
    const auto until = Clock::now() + milliseconds(20);
    std::unique_lock lock(mutex_);
    while (!arrived_ && !thread.is_waiting() && Clock::now() < until) {
      changed_.wait_for(lock, std::chrono::microseconds(100));
    }
    stopping_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool arrived_ = false;
  bool stopping_ = false;
};

void stop_meanwhile(Session& session) {
  Meeting meeting;
  BatchDouble& batch =
      session.batch(std::min(most_items, static_cast<std::uint32_t>(session.type().max_batch)));
  batch.on_first_report([&] { meeting.arrive(); });
  std::promise<ThreadWatch> thread;
  std::thread worker([&] {
    thread.set_value(ThreadWatch());
    session.deliver_here(batch);
  });
  meeting.wait_for_arrival(thread.get_future().get());
  session.stop();
  worker.join();
  for (std::uint32_t i = 0; i < batch.count(); ++i) {
    if (batch.reports(i) == 1) continue;
    session.trial().finding.fail(session.prefix() + "an item was reported " +
                                 std::to_string(batch.reports(i)) +
                                 " times when stop came meanwhile");
    return;
  }
}

}  // namespace

void test_stop_while_delivering(Trial& trial) {
  constexpr int rounds = 4;
  for (const plugin::ActionType& type : trial.types()) {
    for (int i = 0; i < rounds; ++i) {
      const auto session = Session::started(trial, type);
      if (session == nullptr) break;
      stop_meanwhile(*session);
    }
  }
}

}  // namespace observerd::check
