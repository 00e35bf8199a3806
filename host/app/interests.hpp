#pragma once

#include <vector>

#include "capture/pushdown.hpp"
#include "config/settings.hpp"

namespace observerd::app {

/// The configured observers as capturing sees them. The conditions are those that loading the
/// configuration has checked.
std::vector<capture::Interest> interests(const config::Settings& settings);

}  // namespace observerd::app
