#pragma once

#include <memory>
#include <string>

#include "event/event.hpp"

namespace observerd::delivery {

/// What somebody is to be told of: a failure for good whose action has the policy "alert", or an
/// action whose deliveries are held because its destination is gone or it is misconfigured.
struct Failure {
  std::shared_ptr<const Event> event;
  Uuid delivery_id;
  std::string observer, action, type;
  std::string error;       ///< "OB007"; of what is held OB006
  std::string error_code;  ///< the plugin's short code, or ""
  std::string message;     ///< secrets masked
  int attempts = 0;
  std::string dead_letter;  ///< its id; "" of what is held
};

}  // namespace observerd::delivery
