#pragma once

#include <string>

#include "config/load.hpp"

namespace observerd::app {

/// The place of a setting below an action or a module (`base`, `settings`): the pointer a plugin or
/// a schema named, turned into file, line and column where the value was written.
Place place_below(const config::Configuration& configuration, const Place& base,
                  const json::Value& settings, const std::string& pointer);

}  // namespace observerd::app
