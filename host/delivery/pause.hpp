#pragma once

#include <string>

namespace observerd::delivery {

/// An observer, or one action of it, whose deliveries wait in the retry schedule until the pause
/// ends.
struct Pause {
  std::string observer;
  std::string action;  ///< "": all of the observer
  std::string reason;  ///< why, for people; may be empty
};

}  // namespace observerd::delivery
