#pragma once

#include <string_view>

#include "base/json.hpp"

namespace observerd::app::views {

/// The error number "OB005", in any case, as a list of one, or all of them for ""; empty when there
/// is none. What `observerd help --json` prints and the HTTP API answers.
json::Value error_help(std::string_view wanted);

}  // namespace observerd::app::views
