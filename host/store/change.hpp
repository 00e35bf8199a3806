#pragma once

#include <string>
#include <vector>

#include "base/uuid.hpp"

namespace observerd::store {

/// What became of one change that was asked for: of a dead letter or of a scheduled delivery.
struct Change {
  Uuid id;
  bool done = false;
  std::string why_not;  ///< goes on from the id: "is being retried already", "does not exist", …
};

}  // namespace observerd::store
