#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plugin/candidate.hpp"

namespace observerd::plugin {

/// How the runner of one plugin file is started: the same file each time, through the descriptor
/// that was checked.
struct RunnerProgram {
  std::vector<std::string> command;  ///< the runner's program and its arguments
  std::uint64_t memory_bytes = 0;
  std::shared_ptr<const Descriptor> library;
  std::string path, sha256;  ///< of the library
};

/// Where a runner finds what it is given.
inline constexpr int runner_socket_fd = 3;
inline constexpr int runner_library_fd = 4;

}  // namespace observerd::plugin
