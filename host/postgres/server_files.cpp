#include "postgres/server_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace observerd::postgres {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "observerd-pg-";

Status failure(const std::string& what, const fs::path& path, int error) {
  return Status::error(Code::Database, what + " " + path.string() + ": " + std::strerror(error));
}

bool give(const fs::path& path, const Account& account) {
  return !account.switch_to || ::lchown(path.c_str(), account.uid, account.gid) == 0;
}

fs::path lock_path(const fs::path& directory) {
  return directory / "owner.lock";
}

}  // namespace

Result<fs::path> make_server_directory(const fs::path& parent, const Account& account, int& lock) {
  std::string name = (parent / (std::string(kPrefix) + "XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr)
    return failure("cannot make a directory in", parent, errno);
  const fs::path directory = name;
  lock = ::open(lock_path(directory).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0 || ::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return failure("cannot lock", lock_path(directory), errno);
  }
  if (!give(directory, account)) return failure("cannot give away", directory, errno);
  return directory;
}

void remove_server_directory(const fs::path& directory) {
  std::error_code error;
  std::error_code failed;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path() == lock_path(directory)) continue;
    fs::remove_all(it->path(), error);
    if (error) failed = error;
  }
  // The lock file last: a server that is still ending may have put files back, and a directory
  // without one would never be swept.
  if (!error && !failed) fs::remove_all(directory, error);
}

void sweep_server_directories(const fs::path& parent) {
  std::error_code error;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().rfind(kPrefix, 0) != 0) continue;
    // One without a lock file is being made at this moment: not ours to judge.
    const int lock = ::open(lock_path(it->path()).c_str(), O_RDWR | O_CLOEXEC);
    if (lock < 0) continue;
    struct stat opened {};
    struct stat present {};
    // Between open and flock another sweeper may have removed it.
    const bool abandoned = ::flock(lock, LOCK_EX | LOCK_NB) == 0 && ::fstat(lock, &opened) == 0 &&
                           ::stat(lock_path(it->path()).c_str(), &present) == 0 &&
                           opened.st_ino == present.st_ino;
    if (abandoned) remove_server_directory(it->path());
    ::close(lock);
  }
}

Status copy_cluster(const fs::path& from, const fs::path& to, const Account& account) {
  std::error_code error;
  fs::create_directory(to, error);
  if (error || !give(to, account)) return failure("cannot make", to, errno);
  fs::permissions(to, fs::perms::owner_all, error);
  for (fs::recursive_directory_iterator it(from, error), end; !error && it != end;
       it.increment(error)) {
    const fs::path target = to / it->path().lexically_relative(from);
    if (it->is_directory(error)) {
      fs::create_directory(target, error);
      fs::permissions(target, fs::perms::owner_all, error);
    } else {
      fs::copy_file(it->path(), target, error);
    }
    if (!error && !give(target, account)) return failure("cannot give away", target, errno);
    if (error) return failure("cannot copy", it->path(), error.value());
  }
  return error ? failure("cannot read", from, error.value()) : Status();
}

}  // namespace observerd::postgres
