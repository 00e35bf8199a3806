#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "delivery/plan.hpp"

namespace observerd::delivery {

/// How many deliveries at a time a plan lets go to each lane: as many as that of its actions wants
/// that wants most.
class LaneLimits {
 public:
  /// One that is not blocked.
  void add(const std::string& observer, const PreparedAction& action);
  /// nullopt: no action of the plan has such a lane.
  std::optional<std::size_t> most(const std::string& lane) const;

 private:
  using Limits = std::map<std::string, std::size_t, std::less<>>;

  Limits lanes_;
  /// Of actions whose destinations are rendered: what their lanes' names begin with.
  Limits beginnings_;
  std::size_t longest_ = 0;  ///< of them
};

}  // namespace observerd::delivery
