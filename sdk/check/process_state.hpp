#pragma once

#include <signal.h>
#include <sys/stat.h>

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plugin/candidate.hpp"

namespace observerd::check {

/// What of this process a plugin must leave as it found it. A snapshot.
struct ProcessState {
  static ProcessState take();

  std::map<int, struct sigaction> handlers;
  sigset_t mask{};  ///< of the calling thread
  std::string locale;
  bool thread_locale = false;  ///< uselocale set one for the calling thread
  mode_t umask = 0;
  std::string directory;
  std::vector<std::string> environment;  ///< sorted
};

/// Each gives what is different in `after`, one sentence a difference.
std::vector<std::string> changed_handlers(const ProcessState& before, const ProcessState& after);
std::vector<std::string> changed_mask(const ProcessState& before, const ProcessState& after);
std::vector<std::string> changed_locale(const ProcessState& before, const ProcessState& after);
std::vector<std::string> changed_umask(const ProcessState& before, const ProcessState& after);
std::vector<std::string> changed_directory(const ProcessState& before, const ProcessState& after);
std::vector<std::string> changed_environment(const ProcessState& before, const ProcessState& after);

/// Open descriptors and the file behind each.
using Descriptors = std::map<int, std::pair<dev_t, ino_t>>;
Descriptors open_descriptors();
/// "descriptor 5 (/dev/null)": for messages.
std::string describe_descriptor(int fd);

std::size_t thread_count();
/// Waits until the process has no more than `count` threads: one that was joined may still be
/// listed for a moment. Returns how many there are.
std::size_t wait_for_threads(std::size_t count);

/// Whether a thread waits in the kernel, and is not merely kept from running.
class ThreadWatch {
 public:
  /// Of the calling thread. By a descriptor: in a process namespace /proc may have other numbers.
  ThreadWatch();
  /// From any thread.
  bool is_waiting() const;

 private:
  plugin::Descriptor stat_;
};

/// Bytes that malloc has given out; 0 when this process has another malloc, or none that counts.
std::size_t allocated_bytes();

}  // namespace observerd::check
