#include "check/child.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include "check/finding.hpp"
#include "check/test_process.hpp"

namespace observerd::check {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// Far above any result; a plugin that floods the pipe must not fill this process's memory.
constexpr std::size_t most_result_bytes = std::size_t{1} << 20;

struct Pipe {
  plugin::Descriptor read_end, write_end;
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = plugin::Descriptor(ends[0]);
    write_end = plugin::Descriptor(ends[1]);
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return true;
  }
};

/// Reads what is there; true at the end of the file.
bool drain(int fd, std::string& into) {
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno != EAGAIN;
    if (got == 0) return true;
    if (into.size() <= most_result_bytes) into.append(buffer, static_cast<std::size_t>(got));
  }
}

std::string signal_words(int number) {
  const char* name = ::sigabbrev_np(number);
  const std::string abbreviation = name == nullptr ? std::to_string(number) : name;
  const char* meaning = ::sigdescr_np(number);
  return "SIG" + abbreviation + (meaning == nullptr ? "" : " (" + std::string(meaning) + ")");
}

}  // namespace

std::vector<pid_t> own_children() {
  std::vector<pid_t> found;
  std::ifstream list("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  for (pid_t pid = 0; list >> pid;) found.push_back(pid);
  return found;
}

void adopt_orphans() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

int end_orphans(const std::vector<pid_t>& known) {
  int ended = 0;
  for (bool found = true; found;) {
    found = false;
    for (const pid_t pid : own_children()) {
      if (std::find(known.begin(), known.end(), pid) != known.end()) continue;
      found = true;
      // The group first, at one go: who forks faster than we look cannot get away.
      const pid_t group = ::getpgid(pid);
      if (group > 1 && group != ::getpgrp()) ::kill(-group, SIGKILL);
      ::kill(pid, SIGKILL);
      if (::waitpid(pid, nullptr, 0) == pid) ++ended;
    }
  }
  return ended;
}

Child::Child(const ChildOptions& options, std::shared_ptr<Stage> stage)
    : limit_(options.limit),
      started_(Clock::now()),
      deadline_(started_ + options.limit),
      stage_(std::move(stage)) {}

Result<std::unique_ptr<Child>> Child::start(const Body& body, const ChildOptions& options,
                                            std::shared_ptr<Stage> stage) {
  std::unique_ptr<Child> child(new Child(options, std::move(stage)));
  Pipe result, status;
  child->errors_ = plugin::Descriptor(::memfd_create("stderr", MFD_CLOEXEC));
  if (!result.open() || !status.open() || child->errors_.get() < 0) {
    return Status::error(Code::PluginLoad,
                         "a test cannot be started: " + std::generic_category().message(errno));
  }
  std::fflush(nullptr);  // or the new process has a copy of what is buffered
  child->guardian_ = fork_isolated(options.share_network, child->isolation_);
  if (child->guardian_ < 0) {
    return Status::error(Code::PluginLoad,
                         "a test cannot be started: " + std::generic_category().message(errno));
  }
  if (child->guardian_ == 0) {
    run_guardian(body, options, child->nonce_, child->isolation_,
                 {result.write_end.get(), status.write_end.get(), child->errors_.get()});
  }
  child->result_ = std::move(result.read_end);
  child->status_ = std::move(status.read_end);
  return child;
}

Child::~Child() {
  if (guardian_ <= 0) return;
  ::kill(guardian_, SIGKILL);
  ::waitpid(guardian_, nullptr, 0);
}

void Child::add_to(std::vector<pollfd>& polled) const {
  polled.push_back({result_.get(), POLLIN, 0});
  polled.push_back({status_.get(), POLLIN, 0});
}

bool Child::advance() {
  drain(result_.get(), result_bytes_);
  // Only watcher and guardian hold the other end: whatever the plugin has started, it ends with
  // them.
  if (drain(status_.get(), status_bytes_)) return true;
  timed_out_ = Clock::now() >= deadline_;
  return timed_out_ || result_bytes_.size() > most_result_bytes;
}

Ending Child::finish() {
  Ending ending;
  ::kill(guardian_, SIGKILL);
  ::waitpid(guardian_, nullptr, 0);
  guardian_ = -1;
  drain(result_.get(), result_bytes_);
  ending.isolation = isolation_;
  ending.took = duration_cast<milliseconds>(Clock::now() - started_);
  ending.problem = judge(ending.payload, ending.left_behind);
  if (ending.payload) return ending;
  const std::string doing = stage_->get();
  if (!doing.empty()) ending.details.push_back("it was busy with: " + doing);
  const std::string said = said_on_stderr();
  if (!said.empty()) ending.details.push_back("the last it wrote to stderr: " + said);
  return ending;
}

std::string Child::judge(std::optional<std::string>& payload, int& left_behind) const {
  std::optional<int> test, watcher;
  bool complete = false;
  for (std::size_t at = 0; at + sizeof(StatusRecord) <= status_bytes_.size();
       at += sizeof(StatusRecord)) {
    StatusRecord record{};
    std::memcpy(&record, status_bytes_.data() + at, sizeof record);
    if (record.kind == StatusRecord::TestEnded) test = record.value;
    if (record.kind == StatusRecord::WatcherEnded) watcher = record.value;
    if (record.kind == StatusRecord::LeftBehind) {
      left_behind = record.value;
      complete = true;
    }
  }
  if (test && WIFSIGNALED(*test)) return "it crashed with " + signal_words(WTERMSIG(*test));
  if (timed_out_) {
    return "it did not end within " + std::to_string(limit_.count()) + " ms and was killed";
  }
  if (result_bytes_.size() > most_result_bytes) {
    return "something floods descriptors that are not the plugin's";
  }
  if (watcher && (!WIFEXITED(*watcher) || WEXITSTATUS(*watcher) != 0)) {
    return "its parent process was killed: plugins send no signals";
  }
  if (!test || !watcher || !complete) return "the processes that watch over it were killed";
  const int code = WEXITSTATUS(*test);
  if (code == lost_pipe_exit) {
    return "a descriptor that is not the plugin's was closed or replaced";
  }
  payload = unframe(nonce_, result_bytes_);
  if (payload && code == 0) return {};
  if (payload) {
    payload.reset();
    return "after the test the process ended with exit code " + std::to_string(code);
  }
  if (!result_bytes_.empty()) {
    return "something was written to a descriptor that is not the plugin's";
  }
  return "the process ended with exit code " + std::to_string(code) +
         " in the middle of the test: exit, _exit or exec was called";
}

std::string Child::said_on_stderr() const {
  char buffer[400];
  const off_t end = ::lseek(errors_.get(), 0, SEEK_END);
  const off_t from = std::max<off_t>(0, end - static_cast<off_t>(sizeof buffer));
  const ssize_t got = ::pread(errors_.get(), buffer, sizeof buffer, from);
  return got <= 0 ? "" : printable({buffer, static_cast<std::size_t>(got)}, sizeof buffer);
}

}  // namespace observerd::check
