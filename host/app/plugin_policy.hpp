#pragma once

#include <string>

#include "config/settings.hpp"
#include "plugin/registry.hpp"

namespace observerd::app {

/// The command by which this program is the runner process of a plugin.
inline constexpr const char* kPluginRunnerCommand = "plugin-runner";

/// This very file, also after an update has replaced it on disk: a host and its own processes must
/// fit each other. For a test's own program, the observerd beside it.
std::string own_program();

/// What a configuration demands of plugins. Trusted besides its own trusted directories are the one
/// that packages install to, and, in a program that runs from a build tree, the build's plugins.
plugin::Policy plugin_policy(const config::Settings& settings);

}  // namespace observerd::app
