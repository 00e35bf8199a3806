#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/status.hpp"

namespace observerd::app {

/// Notices that plugin files (*.so) of some directories have come, changed or gone, and waits until
/// they hold still: no change for a moment, and no file among them still open for writing since its
/// last change. A copy that takes its time is waited for, up to half a minute; a file that is
/// renamed into place counts at once. A directory that is missing, comes later, or is replaced by
/// another is followed: look() asks for each by its path. What a symbolic link leads to is not
/// watched. One thread, no waiting: made for inotify(7) and a caller that looks about twice a
/// second.
class PluginWatch {
 public:
  PluginWatch() = default;
  ~PluginWatch();
  PluginWatch(const PluginWatch&) = delete;
  PluginWatch& operator=(const PluginWatch&) = delete;

  /// Watches these from now on; what happened before is not reported.
  void follow(std::vector<std::string> directories);
  /// Whether files have changed since the last time that this was true, and hold still. OB016 when
  /// the kernel refuses to watch; asked again, it tries again.
  Result<bool> look(SteadyTime now);

 private:
  struct Directory {
    std::string path;
    int watch = -1;  ///< -1 while it is missing
  };
  Status start();
  /// Sees to it that each directory is watched as it stands at its path now.
  Status renew(SteadyTime now);
  void drain(SteadyTime now);
  void take(int watch, unsigned mask, std::string_view name, SteadyTime now);
  void note_change(SteadyTime now);
  const Directory* find(int watch) const;

  int inotify_ = -1;
  std::vector<Directory> directories_;
  std::set<std::pair<int, std::string>> unfinished_;  ///< written to and not closed since
  bool changed_ = false;
  SteadyTime first_change_{}, last_change_{};
};

}  // namespace observerd::app
