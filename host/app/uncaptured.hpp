#pragma once

#include <vector>

#include "base/status.hpp"
#include "capture/capture.hpp"
#include "config/settings.hpp"

namespace observerd::app {

/// Observers that wait for changes of rows of an entity that is no captured table: a sentence each,
/// its place, and the command that mends it as a note. Not those of "*", disabled ones, and those
/// that take custom events only, which applications emit.
std::vector<Status> uncaptured(const config::Settings& settings,
                               const std::vector<capture::Captured>& captured);

}  // namespace observerd::app
