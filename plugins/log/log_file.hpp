#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "observerd/plugin.hpp"

namespace observerd::log {

/// A text file that lines are appended to. Opened at the first line; opened anew when the path has
/// come to name another file (rotation). Regular files only. Not thread-safe.
class LogFile {
 public:
  explicit LogFile(std::string path) : path_(std::move(path)) {}
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile();

  const std::string& path() const { return path_; }
  /// Writes whole lines with one write (O_APPEND), so that those of several processes do not mix.
  /// nullopt when all is written, else the result to report: MISCONFIGURED when the file cannot be
  /// opened, RETRY when it cannot be written. What was written in part is then cut off again.
  std::optional<sdk::Result> append(std::string_view lines);
  /// Why the file could not be appended to, or "". Creates nothing.
  std::string obstacle() const;

 private:
  bool is_current() const;
  std::optional<sdk::Result> open();
  void cut_off(off_t bytes);
  void close();

  const std::string path_;
  int fd_ = -1;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace observerd::log
