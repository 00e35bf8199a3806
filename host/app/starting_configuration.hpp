#pragma once

#include <string_view>

namespace observerd::app {

/// config/observerd.json, built into the binary.
extern const std::string_view kStartingConfiguration;

}  // namespace observerd::app
