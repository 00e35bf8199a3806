#pragma once

#include <sys/types.h>

#include <filesystem>

#include "base/status.hpp"

namespace observerd::plugin {

/// Resolves `path` and demands that nobody but root and `user` (the daemon's) can have written what
/// stands there: an absolute path; a regular file behind all symbolic links; file and every parent
/// directory owned by root or `user` and writable by neither group nor others. A root-owned sticky
/// directory (such as the system's temporary one) is accepted as a parent: others can add files to
/// it, but not replace ours. Links that lead to such a file may lie anywhere.
///
/// Returns the real path. Errors are OB016, name the first bad component from the root on and its
/// mode, and a note says what to do. Thread-safe.
Result<std::filesystem::path> check_path(const std::filesystem::path& path, uid_t user);

}  // namespace observerd::plugin
