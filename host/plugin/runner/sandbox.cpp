#include "plugin/runner/sandbox.hpp"

#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <system_error>

namespace observerd::plugin {
namespace {

// Sanitizers reserve terabytes.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool reserves_much_memory = true;
#elif defined(__has_feature)
constexpr bool reserves_much_memory =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool reserves_much_memory = false;
#endif

Status problem(const std::string& what, int error) {
  return Status::error(Code::PluginLoad, "the runner process cannot be confined: " + what + ": " +
                                             std::generic_category().message(error));
}

/// What an action never needs. Each fails with EPERM.
constexpr std::array denied_calls{
    // other processes and their memory
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_open",
    "pidfd_getfd", "pidfd_send_signal", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    // … their place among others, and what processes of one user share
    "setpriority", "ioprio_set", "sched_setattr", "sched_setparam", "sched_setscheduler",
    "sched_setaffinity", "migrate_pages", "move_pages", "shmget", "shmat", "shmctl", "semget",
    "semctl", "semop", "semtimedop", "msgget", "msgctl", "msgsnd", "msgrcv",
    // programs and processes
    "execve", "execveat", "fork", "vfork",
    // identity and privileges
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid",
    "setfsgid", "capset",
    // mounts, namespaces, roots
    "mount", "umount2", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick",
    "mount_setattr", "pivot_root", "chroot", "unshare", "setns", "swapon", "swapoff", "quotactl",
    "open_by_handle_at", "name_to_handle_at",
    // the kernel
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "bpf",
    "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "keyctl", "add_key", "request_key", "reboot", "acct", "syslog", "iopl", "ioperm", "personality",
    "lookup_dcookie", "nfsservctl", "_sysctl",
    // the machine's clock and name
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "stime", "sethostname",
    "setdomainname"};

/// As a root process has them. Without, its files are still root's.
Status drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const std::array<__user_cap_data_struct, 2> none{};
  if (::syscall(SYS_capset, &header, none.data()) != 0) return problem("capset", errno);
  return {};
}

/// With any rule set a process cannot look into one outside, root or not: that covers
/// /proc/PID/mem, environ and fd of the host. The rule set itself forbids making device nodes.
/// Where there is no Landlock, hide_from_runners() has seen to that.
void enter_landlock() {
  landlock_ruleset_attr rules{};
  rules.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;
  const int fd = static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, &rules, sizeof rules.handled_access_fs, 0));
  if (fd < 0) return;
  ::syscall(SYS_landlock_restrict_self, fd, 0);
  ::close(fd);
}

using Filter = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;

/// 0, or a negative errno. A call that this architecture or kernel does not know needs no rule.
int deny(const Filter& filter, const char* name) {
  const int number = seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) return 0;
  return seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), number, 0);
}

/// EPERM for `call` when its argument compares so with `value`.
int deny_when(const Filter& filter, int call, unsigned argument, scmp_compare how,
              scmp_datum_t value, scmp_datum_t masked = 0) {
  return seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 1,
                          scmp_arg_cmp{argument, how, value, masked});
}

/// The same for an int: the upper half of its register is nobody's.
int deny_int(const Filter& filter, int call, unsigned argument, unsigned value) {
  return deny_when(filter, call, argument, SCMP_CMP_MASKED_EQ, UINT32_MAX, value);
}

/// Rules that look at an argument.
int deny_special(const Filter& filter) {
  const auto self = static_cast<scmp_datum_t>(::getpid());
  int worst = 0;
  const auto add = [&worst](int result) {
    if (result < 0) worst = result;
  };
  // Signals to itself stay: abort, raise, timers.
  add(deny_when(filter, SCMP_SYS(kill), 0, SCMP_CMP_NE, self));
  add(deny_when(filter, SCMP_SYS(tgkill), 0, SCMP_CMP_NE, self));
  // Limits of its own it may lower.
  add(deny_when(filter, SCMP_SYS(prlimit64), 0, SCMP_CMP_NE, 0));
  // Threads stay, processes do not. The flags of clone3 cannot be seen from here; the C library
  // takes clone where there is no clone3.
  add(deny_when(filter, SCMP_SYS(clone), 0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  add(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
  // What ties this process to the host, and hides its memory, stays as it is.
  for (const int option : {PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_MM, PR_SET_PTRACER}) {
    add(deny_int(filter, SCMP_SYS(prctl), 0, static_cast<unsigned>(option)));
  }
  // Typing into the terminal of whoever started the host.
  add(deny_int(filter, SCMP_SYS(ioctl), 1, TIOCSTI));
  return worst;
}

Status filter_calls() {
  const Filter filter(seccomp_init(SCMP_ACT_ALLOW), &seccomp_release);
  if (!filter) return problem("seccomp_init", ENOMEM);
  for (const char* name : denied_calls) {
    if (const int result = deny(filter, name); result < 0) return problem(name, -result);
  }
  if (const int result = deny_special(filter); result < 0) return problem("seccomp", -result);
  if (const int result = seccomp_load(filter.get()); result < 0) {
    return problem("seccomp_load", -result);
  }
  return {};
}

}  // namespace

bool limit_resources(std::uint64_t memory_bytes) {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return false;
  if (reserves_much_memory) return true;
  const rlimit data{memory_bytes, memory_bytes};
  const rlimit space{memory_bytes + address_space_beyond_memory,
                     memory_bytes + address_space_beyond_memory};
  return ::setrlimit(RLIMIT_DATA, &data) == 0 && ::setrlimit(RLIMIT_AS, &space) == 0;
}

Status enter_sandbox() {
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return problem("PR_SET_DUMPABLE", errno);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return problem("PR_SET_NO_NEW_PRIVS", errno);
  if (Status bad = drop_capabilities(); !bad.ok()) return bad;
  enter_landlock();
  return filter_calls();
}

void hide_from_runners() {
  const bool has_landlock =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
  if (!has_landlock) ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace observerd::plugin
