#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "check/life.hpp"
#include "check/process_state.hpp"
#include "check/test_functions.hpp"

namespace observerd::check {
namespace {

using Changes = std::vector<std::string> (*)(const ProcessState& before, const ProcessState& after);

/// From before the library is loaded until its modules are closed.
void compare(Trial& trial, Changes changes) {
  const ProcessState before = ProcessState::take();
  live(trial);
  for (const std::string& change : changes(before, ProcessState::take())) {
    trial.finding.fail(change);
  }
}

void check_silence(Trial& trial, int fd) {
  if (!trial.own_process) return trial.finding.skip("shown only in a process of its own");
  live(trial);
  std::fflush(nullptr);
  std::cout.flush();
  char text[200];
  const ssize_t got = ::pread(fd, text, sizeof text, 0);
  if (got > 0) {
    trial.finding.fail("it wrote: " +
                       printable({text, static_cast<std::size_t>(got)}, sizeof text));
  }
}

}  // namespace

void test_stdout(Trial& trial) {
  check_silence(trial, STDOUT_FILENO);
}

void test_stderr(Trial& trial) {
  check_silence(trial, STDERR_FILENO);
}

void test_handlers(Trial& trial) {
  compare(trial, changed_handlers);
}

void test_mask(Trial& trial) {
  compare(trial, changed_mask);
}

void test_locale(Trial& trial) {
  compare(trial, changed_locale);
}

void test_umask(Trial& trial) {
  compare(trial, changed_umask);
}

void test_directory(Trial& trial) {
  compare(trial, changed_directory);
}

void test_environment(Trial& trial) {
  compare(trial, changed_environment);
}

void test_foreign_descriptors(Trial& trial) {
  const Descriptors before = open_descriptors();
  live(trial);
  const Descriptors after = open_descriptors();
  for (const auto& [fd, file] : before) {
    const auto now = after.find(fd);
    if (now != after.end() && now->second == file) continue;
    trial.finding.fail("descriptor " + std::to_string(fd) + " was " +
                       (now == after.end() ? "closed" : "replaced by another file"));
  }
}

void test_processes(Trial& trial) {
  if (!trial.own_process) return trial.finding.skip("shown only in a process of its own");
  live(trial);
  // A process that was started and waited for leaves this: no program is that small. One that runs
  // on, or was never waited for, is found by the guardian.
  rusage children{};
  ::getrusage(RUSAGE_CHILDREN, &children);
  if (children.ru_maxrss > 0) trial.finding.fail("it started a process and waited for it");
}

void test_exit(Trial& trial) {
  if (!trial.own_process) return trial.finding.skip("shown only in a process of its own");
  live(trial);
  trial.stage.set("exit: its handlers and static destructors run");
  trial.leave_by_exit = true;
}

}  // namespace observerd::check
