#pragma once

#include <vector>

#include "base/status.hpp"

namespace observerd::app {

/// What a person needs to know about one error number; `help OBxxx` prints it.
struct ErrorHelp {
  Code code;
  const char* title;
  const char* cause;
  const char* example;
  const char* what_to_do;
};

/// OB001 to OB020, in order.
const std::vector<ErrorHelp>& error_catalogue();

}  // namespace observerd::app
