#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "delivery/lane_state.hpp"
#include "delivery/observer_counts.hpp"
#include "matcher/matcher.hpp"
#include "plugin/registry.hpp"

namespace observerd::app {

/// What a running host knows of itself and nobody else can: written to observer.hosts, and read
/// there by `lanes list`, `observers list` and `status`.
struct HostState {
  std::vector<delivery::LaneState> lanes;
  std::vector<delivery::ObserverCounts> observers;
  std::vector<matcher::MissingPath> missing_fields;  ///< that conditions read
  std::shared_ptr<const plugin::Registry> plugins;
  std::uint64_t dropped = 0;  ///< events given up because the queues were full
  std::string stalled;        ///< why delivery does not move here, or "": see Movement
};

json::Value to_json(const HostState& state);

}  // namespace observerd::app
