#include "config/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace observerd::config {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Status failure(int error) {
  return Status::error(Code::Configuration, std::system_category().message(error));
}

}  // namespace

Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t limit_bytes) {
  // O_NONBLOCK: a pipe must be refused below, not waited for.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return failure(errno);
  struct stat about = {};
  if (::fstat(file.get(), &about) != 0) return failure(errno);
  if (!S_ISREG(about.st_mode)) return Status::error(Code::Configuration, "not a regular file");
  std::string text;
  char buffer[16384];
  while (true) {
    const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure(errno);
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > limit_bytes) {
      return Status::error(Code::Configuration,
                           "larger than " + std::to_string(limit_bytes) + " bytes");
    }
  }
}

}  // namespace observerd::config
