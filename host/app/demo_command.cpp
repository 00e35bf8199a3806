#include <unistd.h>

#include <atomic>
#include <csignal>
#include <ostream>
#include <thread>

#include "app/commands.hpp"
#include "app/demo.hpp"

namespace observerd::app {
namespace {

/// SIGINT and SIGTERM set a flag, seen between two steps; taken by a thread of its own, so that no
/// handler runs in the middle of something.
class Interruption {
 public:
  Interruption() {
    sigemptyset(&set_);
    for (const int number : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&set_, number);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
    thread_ = std::thread([this] {
      int number = 0;
      while (sigwait(&set_, &number) == 0 && number != SIGUSR1) flag_ = true;
    });
  }
  ~Interruption() {
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  const std::atomic<bool>& flag() const { return flag_; }

 private:
  sigset_t set_{};
  sigset_t before_{};
  std::atomic<bool> flag_{false};
  std::thread thread_;
};

}  // namespace

int demo_command(const Invocation& invocation) {
  CommandLine line(
      "demo [--keep]",
      "All of it on this machine: a private PostgreSQL, a table, a receiver, real changes, "
      "a delivery that fails,\nits dead letter and its retry. Touches nothing but a "
      "temporary directory, which is removed at the end.");
  line.add()("keep", "leave it running until Ctrl-C, with the commands to play with it");
  line.without_json();
  if (const auto over = line.parse(invocation)) return *over;
  Interruption interruption;
  Demo demo(invocation.out, isatty(STDOUT_FILENO) != 0, interruption.flag());
  const Status status = demo.run();
  if (status.ok() && line.has("keep")) demo.stay();
  if (status.ok()) return kDone;
  if (interruption.flag()) {
    invocation.err << "interrupted: everything it started is stopped and removed\n";
    return 130;
  }
  return fail(invocation, status);
}

}  // namespace observerd::app
