#include "app/own_commands.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "plugin/candidate.hpp"

namespace observerd::app {
namespace {

using plugin::Descriptor;

/// A file without a name: unlike a pipe, nobody has to read it while it is written.
Descriptor nameless(const char* what) {
  return Descriptor(::memfd_create(what, MFD_CLOEXEC));
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::lseek(fd, 0, SEEK_SET) == 0;
}

std::string read_all(int fd) {
  std::string text;
  char part[16384];
  if (::lseek(fd, 0, SEEK_SET) != 0) return text;
  for (;;) {
    const ssize_t got = ::read(fd, part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(part, static_cast<std::size_t>(got));
  }
}

/// 0, or what errno says. The child has no signal blocked and a process group of its own.
int spawn(const std::string& program, const std::vector<std::string>& arguments, int in, int out,
          int err, pid_t& pid) {
  std::vector<std::string> words = {"observerd"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  const int error = ::posix_spawn(&pid, program.c_str(), &files, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return error;
}

OwnCommands::Finished failed(std::string problem) {
  OwnCommands::Finished finished;
  finished.problem = std::move(problem);
  return finished;
}

}  // namespace

OwnCommands::Finished OwnCommands::run(const std::vector<std::string>& arguments,
                                       std::string_view input) {
  {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, limits_.turn, [this] { return closed_ || !busy_; });
    if (closed_) return failed("observerd is stopping");
    if (busy_) return failed("another command of this kind still runs: ask again");
    busy_ = true;
  }
  struct Turn {
    OwnCommands& commands;
    ~Turn() {
      {
        const std::lock_guard lock(commands.mutex_);
        commands.busy_ = false;
      }
      commands.ended_.notify_one();
    }
  } const turn{*this};
  return finish(arguments, input);
}

OwnCommands::Finished OwnCommands::finish(const std::vector<std::string>& arguments,
                                          std::string_view input) {
  const Descriptor in = nameless("in"), out = nameless("out"), err = nameless("err");
  if (in.get() < 0 || out.get() < 0 || err.get() < 0 || !write_all(in.get(), input)) {
    return failed(std::string("no memory for a command: ") + std::strerror(errno));
  }
  pid_t pid = 0;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return failed("observerd is stopping");
    const int error = spawn(program_, arguments, in.get(), out.get(), err.get(), pid);
    if (error != 0) return failed(program_ + " cannot be started: " + std::strerror(error));
    pid_ = pid;
  }
  const rlimit most{limits_.output_bytes, limits_.output_bytes};
  ::prlimit(pid, RLIMIT_FSIZE, &most, nullptr);
  const Descriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const bool can_wait = pidfd.get() >= 0;
  const int status = wait(pidfd.get(), pid);
  if (!can_wait) return failed("this kernel, or a filter, has no pidfd_open to wait with");
  if (status < 0) {
    return failed("the command did not end within " + std::to_string(limits_.time.count() / 1000) +
                  " s, and was ended");
  }
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    return failed(number == SIGXFSZ ? "the command's output is too long"
                                    : "the command was ended by signal " + std::to_string(number));
  }
  return {"", WEXITSTATUS(status), read_all(out.get()), read_all(err.get())};
}

int OwnCommands::wait(int pidfd, pid_t pid) {
  const SteadyTime until = std::chrono::steady_clock::now() + limits_.time;
  int ready = -1;
  while (pidfd >= 0) {
    const auto left = std::chrono::duration_cast<Milliseconds>(until - SteadyTime::clock::now());
    pollfd look{pidfd, POLLIN, 0};
    ready = ::poll(&look, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
    if (ready >= 0 || errno != EINTR) break;
  }
  const std::lock_guard lock(mutex_);
  // Also what it may have left running.
  ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return ready > 0 ? status : -1;
}

void OwnCommands::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  if (pid_ > 0) ::kill(-pid_, SIGKILL);
  ended_.notify_all();
}

}  // namespace observerd::app
