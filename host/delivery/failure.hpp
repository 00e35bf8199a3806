#pragma once

#include <memory>
#include <string>

#include "event/event.hpp"

namespace observerd::delivery {

/// A failure for good whose action has the policy "alert".
struct Failure {
  std::shared_ptr<const Event> event;
  Uuid delivery_id;
  std::string observer, action, type;
  std::string error;       ///< "OB007"
  std::string error_code;  ///< the plugin's short code, or ""
  std::string message;     ///< secrets masked
  int attempts = 0;
  std::string dead_letter;  ///< its id
};

}  // namespace observerd::delivery
