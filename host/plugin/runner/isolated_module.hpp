#pragma once

#include <memory>
#include <string>

#include "plugin/module.hpp"

namespace observerd::plugin {

/// Opens a module in a runner process; otherwise as open_module, which calls it. `type.runner` must
/// be set.
std::unique_ptr<Module> open_isolated_module(const ActionType& type,
                                             const std::string& settings_json,
                                             HostServices& services, Diagnostics& diagnostics);

}  // namespace observerd::plugin
