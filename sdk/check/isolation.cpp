#include "check/isolation.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstring>
#include <string>

namespace observerd::check {
namespace {

/// There is no wrapper: clone() of the C library wants a stack, and unshare() would move only the
/// children of this process into one and the same new namespace.
pid_t clone_process(std::uint64_t flags) {
  clone_args arguments{};
  arguments.flags = flags;
  arguments.exit_signal = SIGCHLD;
  return static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
}

void write_file(const char* path, const std::string& text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  [[maybe_unused]] const ssize_t written = ::write(fd, text.data(), text.size());
  ::close(fd);
}

/// The same numbers inside as outside: a plugin that looks at its user sees the real one.
void map_ids(uid_t user, gid_t group) {
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", std::to_string(user) + " " + std::to_string(user) + " 1\n");
  write_file("/proc/self/gid_map", std::to_string(group) + " " + std::to_string(group) + " 1\n");
}

/// A new network namespace has a loopback interface that is down: closed ports would not refuse.
void raise_loopback() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  if (::ioctl(fd, SIOCGIFFLAGS, &request) == 0) {
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    ::ioctl(fd, SIOCSIFFLAGS, &request);
  }
  ::close(fd);
}

}  // namespace

pid_t fork_isolated(bool share_network, Isolation& isolation) {
  const std::uint64_t wanted = CLONE_NEWPID | (share_network ? 0 : CLONE_NEWNET);
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  isolation = {true, !share_network};
  pid_t pid = clone_process(wanted);  // root may
  if (pid < 0) {
    pid = clone_process(wanted | CLONE_NEWUSER);
    if (pid == 0) map_ids(user, group);
  }
  if (pid < 0) {
    isolation = {};
    return ::fork();
  }
  if (pid == 0 && isolation.network) raise_loopback();
  return pid;
}

}  // namespace observerd::check
