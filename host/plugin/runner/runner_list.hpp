#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/registry.hpp"

namespace observerd::plugin {

class Supervisor;

/// The runners of this process. Process-wide, because after a reload modules go on under a registry
/// that knows nothing of them. Thread-safe.
class RunnerList {
 public:
  static RunnerList& instance();

  void add(std::weak_ptr<Supervisor> supervisor);
  /// Those whose library is that file, as it was when it was checked.
  std::vector<RunnerState> of(const std::string& path, const std::string& sha256);

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<Supervisor>> supervisors_;
};

}  // namespace observerd::plugin
