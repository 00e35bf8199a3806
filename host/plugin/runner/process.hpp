#pragma once

#include <sys/types.h>

#include <string>

#include "plugin/candidate.hpp"
#include "plugin/runner/channel.hpp"
#include "plugin/runner/program.hpp"

namespace observerd::plugin {

/// A started runner process; killed with this object, and with the thread that started it (which
/// is why that must outlive it). kill from any thread, the rest from the starting one.
class RunnerProcess {
 public:
  /// Starts the program: standard input is /dev/null, output goes to a pipe, nothing else is
  /// inherited but the socket and the library; an environment of PATH, language and time zone.
  /// Errors are OB016.
  static Result<std::unique_ptr<RunnerProcess>> start(const RunnerProgram& program);
  ~RunnerProcess();
  RunnerProcess(const RunnerProcess&) = delete;
  RunnerProcess& operator=(const RunnerProcess&) = delete;

  pid_t pid() const { return pid_; }
  Channel& channel() { return channel_; }
  /// What it writes to its standard output and error; does not block.
  int output() const { return output_.get(); }
  /// Does not wait.
  void kill();
  /// Kills it unless it is at its end already, and says how it ended: "exited with status 1", "was
  /// killed by signal 11 (Segmentation fault)".
  std::string end();

 private:
  RunnerProcess(pid_t pid, Descriptor socket, Descriptor output);

  const pid_t pid_;
  Channel channel_;
  const Descriptor output_;
  std::mutex mutex_;  ///< a pid that was waited for may be somebody else's
  bool ended_ = false;
  std::string how_;
};

}  // namespace observerd::plugin
