#include "app/plugin_watch.hpp"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace observerd::app {
namespace {

/// A file is often followed by its owner, mode or by a second file.
constexpr Milliseconds kQuiet{300};
/// A copy that has stalled for so long does not hold up the other files any longer.
constexpr Milliseconds kPatience{30'000};

constexpr unsigned kEvents = IN_CREATE | IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_TO |
                             IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;

Status problem(const std::string& what, int reason) {
  Status status = Status::error(
      Code::PluginLoad, what + " cannot be watched: " + std::generic_category().message(reason));
  if (reason == ENOSPC || reason == EMFILE) {
    status.note("raise fs.inotify.max_user_watches or max_user_instances with sysctl");
  }
  return status.note("plugin files that come or change are found by a reload all the same");
}

/// A new name for a file that is there already is complete as it is.
bool is_a_link(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && (S_ISLNK(info.st_mode) || info.st_nlink > 1);
}

}  // namespace

PluginWatch::~PluginWatch() {
  if (inotify_ >= 0) ::close(inotify_);
}

void PluginWatch::follow(std::vector<std::string> directories) {
  if (inotify_ >= 0) ::close(inotify_);
  inotify_ = -1;
  directories_.clear();
  for (std::string& path : directories) directories_.push_back({std::move(path), -1});
  unfinished_.clear();
  // What is refused now is reported by look().
  if (start().ok()) (void)renew(SteadyTime());
  changed_ = false;
}

Status PluginWatch::start() {
  if (inotify_ >= 0 || directories_.empty()) return {};
  inotify_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  return inotify_ >= 0 ? Status() : problem("plugin directories", errno);
}

Status PluginWatch::renew(SteadyTime now) {
  for (Directory& directory : directories_) {
    // The same directory gives the same number again.
    const int watch = ::inotify_add_watch(inotify_, directory.path.c_str(), kEvents);
    const int reason = errno;
    if (watch < 0 && (reason == ENOSPC || reason == ENOMEM)) {
      return problem("\"" + directory.path + "\"", reason);
    }
    if (watch == directory.watch) continue;
    const int old = std::exchange(directory.watch, watch);
    if (old >= 0 && find(old) == nullptr) {
      ::inotify_rm_watch(inotify_, old);
      std::erase_if(unfinished_, [&](const auto& file) { return file.first == old; });
    }
    note_change(now);
  }
  return {};
}

Result<bool> PluginWatch::look(SteadyTime now) {
  if (Status status = start(); !status.ok()) return status;
  if (inotify_ < 0) return false;
  drain(now);
  if (Status status = renew(now); !status.ok()) return status;
  if (!changed_ || now - last_change_ < kQuiet) return false;
  if (!unfinished_.empty() && now - first_change_ < kPatience) return false;
  unfinished_.clear();
  changed_ = false;
  return true;
}

void PluginWatch::drain(SteadyTime now) {
  alignas(inotify_event) char buffer[16 * 1024];
  for (;;) {
    const ssize_t got = ::read(inotify_, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    for (ssize_t at = 0; at < got;) {
      inotify_event event{};
      std::memcpy(&event, buffer + at, sizeof event);
      const char* const name = buffer + at + sizeof event;
      take(event.wd, event.mask, std::string_view(name, ::strnlen(name, event.len)), now);
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
  }
}

void PluginWatch::take(int watch, unsigned mask, std::string_view name, SteadyTime now) {
  if ((mask & IN_Q_OVERFLOW) != 0) {
    unfinished_.clear();
    return note_change(now);
  }
  const Directory* directory = find(watch);
  if (directory == nullptr || !name.ends_with(".so") || (mask & IN_ISDIR) != 0) return;
  note_change(now);
  const std::pair<int, std::string> file(watch, name);
  if ((mask & IN_CREATE) != 0) {
    if (!is_a_link(directory->path + "/" + file.second)) unfinished_.insert(file);
  } else if ((mask & IN_MODIFY) != 0) {
    unfinished_.insert(file);
  } else if ((mask & (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)) != 0) {
    unfinished_.erase(file);
  }
}

void PluginWatch::note_change(SteadyTime now) {
  if (!changed_) first_change_ = now;
  changed_ = true;
  last_change_ = now;
}

const PluginWatch::Directory* PluginWatch::find(int watch) const {
  const auto found = std::find_if(directories_.begin(), directories_.end(),
                                  [&](const Directory& one) { return one.watch == watch; });
  return found == directories_.end() ? nullptr : &*found;
}

}  // namespace observerd::app
