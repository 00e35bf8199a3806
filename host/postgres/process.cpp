#include "postgres/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <fstream>

namespace observerd::postgres {
namespace {

/// In the child of a process with threads: only async-signal-safe calls until exec.
[[noreturn]] void become(const Command& command, char* const* arguments, pid_t parent) {
  const int null = ::open("/dev/null", O_RDONLY);
  const int log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(null, 0);
  ::dup2(log, 1);
  ::dup2(log, 2);
  // A pipe of the test driver kept open by a server would make the driver wait for ever.
  ::close_range(3, ~0U, 0);
  ::setsid();  // Ctrl-C on our terminal is for us
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const Account& account = command.account;
  if (account.switch_to && (::setgroups(1, &account.gid) != 0 || ::setgid(account.gid) != 0 ||
                            ::setuid(account.uid) != 0)) {
    ::_exit(126);
  }
  // After setuid, which clears it. A parent that died in between is noticed by the second check.
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::getppid() != parent || ::chdir(command.directory.c_str()) != 0) ::_exit(126);
  ::execv(arguments[0], arguments);
  constexpr char message[] = "cannot execute the program\n";
  [[maybe_unused]] const ssize_t ignored = ::write(2, message, sizeof message - 1);
  ::_exit(127);
}

pid_t fork_into(const Command& command) {
  std::vector<char*> arguments;
  for (const std::string& argument : command.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become(command, arguments.data(), parent);
  return pid;
}

}  // namespace

Result<Account> Account::for_server() {
  if (::geteuid() != 0) return Account{::geteuid(), ::getegid(), false};
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* entry = ::getpwnam(name)) return Account{entry->pw_uid, entry->pw_gid, true};
  }
  return Status::error(Code::Database,
                       "PostgreSQL does not run as root, and there is neither a user postgres nor "
                       "a user nobody to run it as");
}

ChildProcess::ChildProcess(std::thread parent, pid_t pid, std::future<int> ended)
    : parent_(std::move(parent)), pid_(pid), ended_(std::move(ended)) {}

Result<ChildProcess> ChildProcess::start(const Command& command) {
  std::promise<pid_t> started;
  std::promise<int> ended;
  std::future<pid_t> pid_future = started.get_future();
  std::future<int> ended_future = ended.get_future();
  std::thread parent([&command, started = std::move(started), ended = std::move(ended)]() mutable {
    const pid_t pid = fork_into(command);
    const int reason = errno;
    started.set_value(pid < 0 ? -reason : pid);  // `command` may be gone from here on
    int status = 0;
    if (pid > 0) {
      while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
      }
    }
    ended.set_value(status);
  });
  const pid_t pid = pid_future.get();
  ChildProcess child(std::move(parent), pid, std::move(ended_future));
  if (pid < 0) {
    return Status::error(Code::Database,
                         std::string("cannot start a process: ") + std::strerror(-pid));
  }
  return child;
}

ChildProcess::~ChildProcess() {
  if (parent_.joinable()) parent_.join();
}

bool ChildProcess::running() const {
  return ended_.valid() && ended_.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
}

void ChildProcess::signal(int number) const {
  if (running()) ::kill(pid_, number);
}

int ChildProcess::wait() {
  if (ended_.valid()) status_ = ended_.get();
  if (parent_.joinable()) parent_.join();
  return status_;
}

Status run_program(const Command& command) {
  Result<ChildProcess> child = ChildProcess::start(command);
  if (!child.ok()) return child.status();
  const int status = child->wait();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  Status failure = Status::error(Code::Database, command.arguments.front() + " failed");
  for (std::string& line : log_tail(command.log)) failure.note(std::move(line));
  return failure;
}

std::vector<std::string> log_tail(const std::filesystem::path& log, std::size_t lines) {
  std::ifstream file(log);
  std::deque<std::string> last;
  for (std::string line; std::getline(file, line);) {
    last.push_back(std::move(line));
    if (last.size() > lines) last.pop_front();
  }
  return {last.begin(), last.end()};
}

}  // namespace observerd::postgres
