#include "check/test_process.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "check/leave.hpp"
#include "check/process_state.hpp"

namespace observerd::check {
namespace {

constexpr rlim_t most_file_bytes = rlim_t{64} << 20;
#if defined(OBSERVERD_SANITIZED)
constexpr rlim_t most_data_bytes = RLIM_INFINITY;  // shadow memory counts
#else
constexpr rlim_t most_data_bytes = rlim_t{4} << 30;
#endif

void say(int fd, StatusRecord::Kind kind, int value) {
  const StatusRecord record{kind, value};
  [[maybe_unused]] const ssize_t written = ::write(fd, &record, sizeof record);
}

/// Of its own: a signal to the group reaches nobody else. Ends with its parent.
void settle() {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

void limit(int resource, rlim_t most) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &now) != 0) return;
  now.rlim_cur = std::min(now.rlim_max, most);
  ::setrlimit(static_cast<__rlimit_resource_t>(resource), &now);
}

/// Standard descriptors of its own, and no other than those it needs.
void arrange_descriptors(const ProcessEnds& ends, int keep) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(null, STDIN_FILENO);
  // Only the test itself looks at its stdout; stderr is read by the parent too, after a crash.
  const int out = ::memfd_create("stdout", MFD_CLOEXEC);
  ::dup2(out < 0 ? null : out, STDOUT_FILENO);
  ::dup2(ends.errors, STDERR_FILENO);
  for (const auto& [fd, file_id] : open_descriptors()) {
    if (fd > STDERR_FILENO && fd != ends.result && fd != keep) ::close(fd);
  }
}

void write_all(int fd, const std::string& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t written = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) leave(lost_pipe_exit);
    done += static_cast<std::size_t>(written);
  }
}

[[noreturn]] void run_test(const Body& body, const ChildOptions& options, const Nonce& nonce,
                           const ProcessEnds& ends) {
  settle();
  arrange_descriptors(ends, options.keep);
  ::signal(SIGPIPE, SIG_IGN);  // as the host does
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, most_file_bytes);
  limit(RLIMIT_DATA, most_data_bytes);
  struct stat before {};
  struct stat after {};
  ::fstat(ends.result, &before);
  const Answer answer = body();
  if (::fstat(ends.result, &after) != 0 || before.st_ino != after.st_ino ||
      before.st_dev != after.st_dev) {
    leave(lost_pipe_exit);
  }
  write_all(ends.result, frame(nonce, answer.payload));
  leave(0, answer.leave_by_exit);
}

[[noreturn]] void run_watcher(const Body& body, const ChildOptions& options, const Nonce& nonce,
                              const ProcessEnds& ends) {
  settle();
  const pid_t test = ::fork();
  if (test == 0) run_test(body, options, nonce, ends);
  ::close(ends.result);
  if (test > 0) say(ends.status, StatusRecord::TestEnded, wait_for(test));
  leave(0);
}

}  // namespace

void run_guardian(const Body& body, const ChildOptions& options, const Nonce& nonce,
                  const Isolation& isolation, const ProcessEnds& ends) {
  settle();
  adopt_orphans();
  const pid_t watcher = ::fork();
  if (watcher == 0) run_watcher(body, options, nonce, ends);
  ::close(ends.result);
  if (watcher < 0) leave(1);
  say(ends.status, StatusRecord::WatcherEnded, wait_for(watcher));
  int left = 0;
  if (isolation.processes && ::getpid() == 1) {
    ::kill(-1, SIGKILL);  // everything in the namespace but itself
    while (::waitpid(-1, nullptr, 0) > 0) ++left;
  } else {
    left = end_orphans({});
  }
  say(ends.status, StatusRecord::LeftBehind, left);
  leave(0);
}

}  // namespace observerd::check
