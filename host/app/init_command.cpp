#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ostream>

#include "app/commands.hpp"
#include "app/starting_configuration.hpp"

namespace observerd::app {
namespace {

/// Creates the file; never touches one that is there.
Status write_new_file(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (file < 0) {
    const int reason = errno;
    Status status = Status::error(Code::Configuration,
                                  "\"" + path + "\" cannot be created: " + std::strerror(reason));
    if (reason == EEXIST) status.note("a configuration that is there is never overwritten");
    return status;
  }
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  const bool complete = ::fsync(file) == 0 && text.empty();
  const int reason = errno;
  ::close(file);
  if (complete) return {};
  ::unlink(path.c_str());
  return Status::error(Code::Configuration,
                       "\"" + path + "\" cannot be written: " + std::strerror(reason));
}

}  // namespace

int init_command(const Invocation& invocation) {
  CommandLine line(
      "init [FILE]",
      "A commented configuration to start from: printed, or written to FILE, which must "
      "not exist yet.");
  line.positional("file", "where to write it", 1);
  line.without_json();
  if (const auto over = line.parse(invocation)) return *over;
  const std::vector<std::string> files = line.words("file");
  if (files.empty()) {
    invocation.out << kStartingConfiguration;
    return kDone;
  }
  if (Status status = write_new_file(files[0], kStartingConfiguration); !status.ok()) {
    return fail(invocation, status);
  }
  invocation.out << "wrote " << files[0] << "; next: observerd check --config " << files[0] << '\n';
  return kDone;
}

}  // namespace observerd::app
