#pragma once

#include <sys/types.h>

#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "base/status.hpp"

namespace observerd::postgres {

/// Whose process a server program becomes. PostgreSQL refuses to run as root.
struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
  bool switch_to = false;  ///< false: we are this account already

  /// The present user; for root the user postgres, else nobody. OB009 when root has neither.
  static Result<Account> for_server();
};

struct Command {
  std::vector<std::string> arguments;  ///< the first is the program's path
  std::filesystem::path directory;     ///< working directory
  std::filesystem::path log;           ///< stdout and stderr are appended here
  Account account;
};

/// A child process that cannot outlive us: when this process ends in whatever way, SIGKILL
/// included, the kernel sends the child SIGQUIT (which PostgreSQL takes as "shut down at once").
///
/// PR_SET_PDEATHSIG speaks of the *thread* that forked, so the child is forked by a thread of its
/// own, which then waits for it and ends after it. Not thread-safe.
class ChildProcess {
 public:
  /// Starts it; OB009 when it cannot be forked. That exec failed shows as exit code 127 and in
  /// the log.
  static Result<ChildProcess> start(const Command& command);
  ChildProcess(ChildProcess&&) = default;
  ChildProcess& operator=(ChildProcess&&) = delete;
  /// Must have ended: wait() first.
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  bool running() const;
  void signal(int number) const;
  /// Blocks until it has ended; the status of waitpid(2).
  int wait();

 private:
  ChildProcess(std::thread parent, pid_t pid, std::future<int> ended);
  std::thread parent_;
  pid_t pid_;
  std::future<int> ended_;
  int status_ = 0;
};

/// Runs a program to its end; OB009 with the end of its output when it failed.
Status run_program(const Command& command);

/// The last lines of a log file, to be shown as notes.
std::vector<std::string> log_tail(const std::filesystem::path& log, std::size_t lines = 8);

}  // namespace observerd::postgres
