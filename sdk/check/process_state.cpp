#include "check/process_state.hpp"

#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <thread>

namespace observerd::check {
namespace {

namespace fs = std::filesystem;

std::string signal_text(int number) {
  const char* name = ::sigabbrev_np(number);
  return name == nullptr ? "signal " + std::to_string(number) : "SIG" + std::string(name);
}

std::string umask_text(mode_t mask) {
  char text[8];
  std::snprintf(text, sizeof text, "%03o", static_cast<unsigned>(mask));
  return text;
}

/// The name of an environment entry: its value may be a secret.
std::string name_of(const std::string& entry) {
  return entry.substr(0, entry.find('='));
}

}  // namespace

ProcessState ProcessState::take() {
  ProcessState state;
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction handler {};
    if (::sigaction(number, nullptr, &handler) == 0) state.handlers[number] = handler;
  }
  ::pthread_sigmask(SIG_SETMASK, nullptr, &state.mask);
  const char* locale = ::setlocale(LC_ALL, nullptr);
  state.locale = locale == nullptr ? "" : locale;
  state.thread_locale = ::uselocale(nullptr) != LC_GLOBAL_LOCALE;
  state.umask = ::umask(0);
  ::umask(state.umask);
  std::error_code gone;
  state.directory = fs::current_path(gone).string();
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    state.environment.emplace_back(*entry);
  }
  std::sort(state.environment.begin(), state.environment.end());
  return state;
}

std::vector<std::string> changed_handlers(const ProcessState& before, const ProcessState& after) {
  std::vector<std::string> changes;
  for (const auto& [number, handler] : after.handlers) {
    const auto old = before.handlers.find(number);
    if (old == before.handlers.end() || (old->second.sa_handler == handler.sa_handler &&
                                         old->second.sa_flags == handler.sa_flags)) {
      continue;
    }
    changes.push_back("the handler of " + signal_text(number) + " is another one");
  }
  return changes;
}

std::vector<std::string> changed_mask(const ProcessState& before, const ProcessState& after) {
  std::vector<std::string> changes;
  for (int number = 1; number < NSIG; ++number) {
    const bool blocked = ::sigismember(&after.mask, number) == 1;
    if (blocked == (::sigismember(&before.mask, number) == 1)) continue;
    changes.push_back(signal_text(number) + (blocked ? " is blocked now" : " is unblocked now"));
  }
  return changes;
}

std::vector<std::string> changed_locale(const ProcessState& before, const ProcessState& after) {
  if (before.locale != after.locale) {
    return {"the locale went from \"" + before.locale + "\" to \"" + after.locale + "\""};
  }
  if (!before.thread_locale && after.thread_locale) {
    return {"the calling thread has a locale of its own now (uselocale)"};
  }
  return {};
}

std::vector<std::string> changed_umask(const ProcessState& before, const ProcessState& after) {
  if (before.umask == after.umask) return {};
  return {"the umask went from " + umask_text(before.umask) + " to " + umask_text(after.umask)};
}

std::vector<std::string> changed_directory(const ProcessState& before, const ProcessState& after) {
  if (before.directory == after.directory) return {};
  return {"the working directory went from \"" + before.directory + "\" to \"" + after.directory +
          "\""};
}

std::vector<std::string> changed_environment(const ProcessState& before,
                                             const ProcessState& after) {
  std::vector<std::string> different;
  std::set_symmetric_difference(before.environment.begin(), before.environment.end(),
                                after.environment.begin(), after.environment.end(),
                                std::back_inserter(different));
  std::vector<std::string> changes;
  for (const std::string& entry : different) {
    const std::string change = "the variable " + name_of(entry) + " was set, changed or removed";
    if (std::find(changes.begin(), changes.end(), change) == changes.end()) {
      changes.push_back(change);
    }
  }
  return changes;
}

Descriptors open_descriptors() {
  Descriptors found;
  std::error_code failed;
  std::vector<int> numbers;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc/self/fd", failed)) {
    numbers.push_back(std::atoi(entry.path().filename().c_str()));
  }
  for (const int fd : numbers) {  // the one that listed the directory is closed again
    struct stat info {};
    if (::fstat(fd, &info) == 0) found[fd] = {info.st_dev, info.st_ino};
  }
  return found;
}

std::string describe_descriptor(int fd) {
  char target[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
  std::string text = "descriptor " + std::to_string(fd);
  if (length > 0) text += " (" + std::string(target, static_cast<std::size_t>(length)) + ")";
  return text;
}

std::size_t thread_count() {
  std::error_code failed;
  const fs::directory_iterator tasks("/proc/self/task", failed);
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

std::size_t wait_for_threads(std::size_t count) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  std::size_t now = thread_count();
  while (now > count && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    now = thread_count();
  }
  return now;
}

ThreadWatch::ThreadWatch() : stat_(::open("/proc/thread-self/stat", O_RDONLY | O_CLOEXEC)) {}

bool ThreadWatch::is_waiting() const {
  char text[256];
  const ssize_t got = ::pread(stat_.get(), text, sizeof text, 0);
  const std::string_view line(text, got < 0 ? 0 : static_cast<std::size_t>(got));
  const std::size_t name_end = line.rfind(')');  // the name may hold anything
  return name_end != std::string_view::npos && line.substr(name_end, 3) == ") S";
}

std::size_t allocated_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace observerd::check
