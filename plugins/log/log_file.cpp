#include "log/log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace observerd::log {
namespace {

std::string error_text(int error) {
  return std::generic_category().message(error);
}

}  // namespace

LogFile::~LogFile() {
  close();
}

void LogFile::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

bool LogFile::is_current() const {
  struct stat info {};
  return fd_ >= 0 && ::stat(path_.c_str(), &info) == 0 && info.st_dev == device_ &&
         info.st_ino == inode_;
}

std::optional<sdk::Result> LogFile::open() {
  close();
  // O_NONBLOCK: the path may name a FIFO that nobody reads.
  fd_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
               0640);
  struct stat info {};
  if (fd_ < 0 || ::fstat(fd_, &info) != 0) {
    return sdk::misconfigured("open_failed", path_ + ": " + error_text(errno));
  }
  if (!S_ISREG(info.st_mode)) {
    close();
    return sdk::misconfigured("no_regular_file", path_ + " is not a regular file");
  }
  device_ = info.st_dev;
  inode_ = info.st_ino;
  return std::nullopt;
}

std::optional<sdk::Result> LogFile::append(std::string_view lines) {
  if (!is_current()) {
    if (auto failed = open()) return failed;
  }
  std::size_t done = 0;
  while (done < lines.size()) {
    const ssize_t written = ::write(fd_, lines.data() + done, lines.size() - done);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno != EINTR) {
      const int error = errno;
      cut_off(static_cast<off_t>(done));
      return sdk::retry("write_failed", path_ + ": " + error_text(error));
    }
  }
  return std::nullopt;
}

/// The whole batch is retried: half of it must not stand there twice. Where another process has
/// appended since, it does.
void LogFile::cut_off(off_t bytes) {
  const off_t end = ::lseek(fd_, 0, SEEK_CUR);  // of our last write
  struct stat info {};
  if (bytes == 0 || ::fstat(fd_, &info) != 0 || info.st_size != end) return;
  [[maybe_unused]] const int cut = ::ftruncate(fd_, end - bytes);
}

std::string LogFile::obstacle() const {
  struct stat info {};
  if (::stat(path_.c_str(), &info) == 0) {
    if (!S_ISREG(info.st_mode)) return "is not a regular file";
    return ::access(path_.c_str(), W_OK) == 0 ? "" : error_text(errno);
  }
  if (errno != ENOENT) return error_text(errno);
  const std::string parent = std::filesystem::path(path_).parent_path().string();
  return ::access(parent.c_str(), W_OK | X_OK) == 0 ? "" : parent + ": " + error_text(errno);
}

}  // namespace observerd::log
