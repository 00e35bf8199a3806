#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace observerd::app {

/// Runs commands of this program in a process of their own, for what must not happen in a host that
/// delivers: loading plugins and running their code. One at a time, so that whoever asks often
/// costs no more than one process. Thread-safe.
class OwnCommands {
 public:
  struct Limits {
    Milliseconds time{20'000};             ///< then it is killed
    Milliseconds turn{2000};               ///< to wait for the one before
    std::size_t output_bytes = 4U << 20U;  ///< of each stream; more and it is killed
  };
  struct Finished {
    std::string problem;  ///< why there is no answer, or ""
    int exit = 0;
    std::string out, err;
  };

  /// `program` is started with this process's environment.
  explicit OwnCommands(std::string program) : OwnCommands(std::move(program), Limits()) {}
  OwnCommands(std::string program, Limits limits) : program_(std::move(program)), limits_(limits) {}
  OwnCommands(const OwnCommands&) = delete;
  OwnCommands& operator=(const OwnCommands&) = delete;

  /// Blocks until the command has ended; `input` is its standard input.
  Finished run(const std::vector<std::string>& arguments, std::string_view input);
  /// Kills what runs, and refuses what comes later.
  void close();

 private:
  Finished finish(const std::vector<std::string>& arguments, std::string_view input);
  /// How the process has ended, as waitpid says; -1 when its time was over.
  int wait(int pidfd, pid_t pid);

  const std::string program_;
  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool busy_ = false;
  bool closed_ = false;
  pid_t pid_ = 0;  ///< 0 when none runs: a pid that was waited for may be somebody else's
};

}  // namespace observerd::app
