#include "plugin/runner/process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "plugin/runner/sandbox.hpp"

namespace observerd::plugin {
namespace {

/// A process whose socket has closed is at its end; its status follows right after.
constexpr Milliseconds kEndWait{500};
constexpr Milliseconds kEndLook{1};
/// A descriptor above those that the runner finds.
constexpr int kSpareFd = 10;
constexpr int kCannotExec = 127;

Status problem(const std::string& what, int error) {
  return Status::error(Code::PluginLoad, "the runner process cannot be started: " + what + ": " +
                                             std::generic_category().message(error));
}

/// Nothing of the host's environment but this: no credentials, no proxies.
std::vector<std::string> environment() {
  std::vector<std::string> out;
  for (const char* name : {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TZ"}) {
    if (const char* value = std::getenv(name)) out.push_back(std::string(name) + "=" + value);
  }
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// All that the child needs, made before the fork: after it, in a process that had threads, nothing
/// may allocate.
struct Birth {
  char* const* arguments;
  char* const* environment;
  std::uint64_t memory_bytes;
  int socket, library, output;
  pid_t parent;
};

/// Moves `from` to `to` and over the close-on-exec of its copy.
bool place(int from, int to) {
  return ::dup2(from, to) == to;
}

/// The child between fork and exec: async-signal-safe calls only.
[[noreturn]] void become_runner(const Birth& birth) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  // The host may have died before that took effect.
  if (::getppid() != birth.parent) ::_exit(kCannotExec);
  // A session of its own: what a terminal sends to the host's group is not for the runner.
  ::setsid();
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nowhere = ::open("/dev/null", O_RDONLY);
  const bool placed = place(nowhere, STDIN_FILENO) && place(birth.output, STDOUT_FILENO) &&
                      place(birth.output, STDERR_FILENO) && place(birth.socket, runner_socket_fd) &&
                      place(birth.library, runner_library_fd);
  ::closefrom(runner_library_fd + 1);
  if (placed && limit_resources(birth.memory_bytes)) {
    ::execve(birth.arguments[0], birth.arguments, birth.environment);
  }
  constexpr std::string_view words = "cannot be executed\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, words.data(), words.size());
  ::_exit(kCannotExec);
}

/// A copy that the runner's descriptors do not overwrite.
Descriptor spare(int fd) {
  return Descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, kSpareFd));
}

std::string describe_end(int status) {
  if (WIFEXITED(status)) return "exited with status " + std::to_string(WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  const char* name = ::sigdescr_np(signal);
  return "was killed by signal " + std::to_string(signal) + " (" +
         (name == nullptr ? "unknown" : name) + ")";
}

}  // namespace

Result<std::unique_ptr<RunnerProcess>> RunnerProcess::start(const RunnerProgram& program) {
  if (program.command.empty()) {
    return Status::error(Code::PluginLoad, "there is no program for runner processes");
  }
  hide_from_runners();
  std::array<int, 2> sockets{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    return problem("socketpair", errno);
  }
  Descriptor ours(sockets[0]);
  const Descriptor theirs(sockets[1]);
  std::array<int, 2> pipe{-1, -1};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return problem("pipe2", errno);
  Descriptor output(pipe[0]);
  const Descriptor written(pipe[1]);
  ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
  const Descriptor socket = spare(theirs.get());
  const Descriptor library = spare(program.library->get());
  const Descriptor writer = spare(written.get());
  if (socket.get() < 0 || library.get() < 0 || writer.get() < 0) {
    return problem("out of descriptors", errno);
  }
  std::vector<std::string> arguments = program.command;
  std::vector<std::string> variables = environment();
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(variables);
  const Birth birth{argv.data(),  envp.data(), program.memory_bytes, socket.get(), library.get(),
                    writer.get(), ::getpid()};
  const pid_t pid = ::fork();
  if (pid < 0) return problem("fork", errno);
  if (pid == 0) become_runner(birth);
  return std::unique_ptr<RunnerProcess>(new RunnerProcess(pid, std::move(ours), std::move(output)));
}

RunnerProcess::RunnerProcess(pid_t pid, Descriptor socket, Descriptor output)
    : pid_(pid), channel_(std::move(socket), max_body_to_host), output_(std::move(output)) {}

RunnerProcess::~RunnerProcess() {
  end();
}

void RunnerProcess::kill() {
  const std::lock_guard lock(mutex_);
  if (!ended_) ::kill(pid_, SIGKILL);
}

std::string RunnerProcess::end() {
  const std::lock_guard lock(mutex_);
  if (ended_) return how_;
  int status = 0;
  const SteadyTime until = std::chrono::steady_clock::now() + kEndWait;
  pid_t got = ::waitpid(pid_, &status, WNOHANG);
  while (got == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kEndLook);
    got = ::waitpid(pid_, &status, WNOHANG);
  }
  if (got == 0) {
    ::kill(pid_, SIGKILL);
    do {
      got = ::waitpid(pid_, &status, 0);
    } while (got < 0 && errno == EINTR);
  }
  ended_ = true;
  how_ = got == pid_ ? describe_end(status) : "ended";
  return how_;
}

}  // namespace observerd::plugin
