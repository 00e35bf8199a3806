#pragma once

#include "config/settings.hpp"
#include "plugin/registry.hpp"

namespace observerd::app {

/// Names in "plugins" that mean no plugin are most likely misspelt. An error where that would leave
/// a demand unheeded (a pin, or that the plugin is there), unless an action uses the type: then its
/// absence is told anyway. A warning otherwise.
void check_plugin_names(const config::Settings& settings, const plugin::Registry& registry,
                        Diagnostics& diagnostics);

}  // namespace observerd::app
