#pragma once

#include "delivery/module_runner.hpp"

/// What the source files of ModuleRunner share.
namespace observerd::delivery {

struct ModuleRunner::Batch {
  std::vector<DeliveryPtr> deliveries;
  LaneMap::iterator lane;
  Milliseconds timeout{0};
};

struct ModuleRunner::Worker {
  std::thread thread;
  bool abandoned = false;  ///< stuck inside the plugin; ends when the plugin lets it go
  bool ended = false;
};

struct ModuleRunner::Running {
  std::vector<DeliveryPtr> deliveries;  ///< an element is taken out when it is reported
  LaneMap::iterator lane;
  std::size_t open = 0;
  SteadyTime started;
  SteadyTime deadline;
  std::shared_ptr<plugin::Call> call;
  std::shared_ptr<Worker> worker;  ///< while deliver has not returned
  bool cancelled = false;
  bool given_up = false;
  std::list<std::shared_ptr<Running>>::iterator place;
};

/// How long after its deadline a call may still report before it is given up.
inline constexpr Milliseconds kGrace{2000};

/// The result of deliveries that find no thread to go with.
plugin::ItemResult stuck_result();

}  // namespace observerd::delivery
