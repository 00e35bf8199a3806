#pragma once

#include <memory>
#include <mutex>

#include "base/status.hpp"
#include "observerd/plugin.h"
#include "plugin/candidate.hpp"

namespace observerd::plugin {

/// A library in this process. Libraries are never unloaded: threads, thread-exit destructors and
/// unique symbols of a plugin outlive any dlclose.
struct Library {
  const observerd_plugin* table = nullptr;  ///< the plugin's own, static
  std::shared_ptr<std::mutex> setup;        ///< [setup]: one call at a time per library
  /// The file at this path is not the one that was loaded from it: its code needs a restart.
  bool replaced_on_disk = false;
};

/// Loads the file behind the candidate's descriptor, at once and locally, and asks it for its
/// table. A path or file that this process has loaded before gives the same library again. Errors
/// are OB016; they start with the real path and hint at what would help. Thread-safe.
Result<Library> load_library(Candidate candidate);

}  // namespace observerd::plugin
