#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/status.hpp"

namespace observerd::plugin {

/// Where the dynamic linker looks for libraries beside what a file itself says. A parameter so that
/// tests decide it.
struct LinkerPaths {
  std::string cache = "/etc/ld.so.cache";
  std::vector<std::string> directories;  ///< LD_LIBRARY_PATH, searched before a RUNPATH
  std::vector<std::string> defaults;     ///< built into the linker, searched last
  std::vector<std::string> loaded;       ///< file names of what this process has loaded already

  /// Those of this process.
  static LinkerPaths process();
};

/// A library that would be missing when a plugin is loaded.
struct MissingLibrary {
  std::string name;       ///< as DT_NEEDED says it
  std::string needed_by;  ///< path of the file that says so
  /// That file looks for it beside itself ($ORIGIN), which does not work for a plugin: the host
  /// loads it through a descriptor, and its $ORIGIN is /proc/self/fd.
  bool by_origin = false;
};

/// Which libraries the file needs, directly and through others, and the dynamic linker would not
/// find; without loading or running any of them. Searched as ld.so(8) says: DT_RPATH (of the file
/// and of those that need it) unless it has a DT_RUNPATH, LD_LIBRARY_PATH, DT_RUNPATH, the linker's
/// cache, the default directories. Not looked at: whether a library that is found has the symbols
/// and versions that are wanted, and glibc-hwcaps directories that the cache does not know. Errors
/// are OB016; their message continues a sentence that starts with the file's name. Thread-safe.
Result<std::vector<MissingLibrary>> missing_libraries(const std::filesystem::path& file,
                                                      const LinkerPaths& paths);

/// ok, or OB016 that names the file and every library that would be missing, with what would help.
Status check_libraries(const std::filesystem::path& file,
                       const std::vector<MissingLibrary>& missing);

}  // namespace observerd::plugin
