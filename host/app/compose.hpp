#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/host_services.hpp"
#include "app/plugin_policy.hpp"
#include "config/load.hpp"
#include "delivery/plan.hpp"
#include "plugin/registry.hpp"

namespace observerd::app {

/// A configuration turned into something that runs: plugins loaded, modules opened, actions bound,
/// conditions and templates compiled. No network, no thread yet.
struct Composition {
  struct OpenModule {
    // What it was opened from outlives it: destroyed in reverse order.
    std::shared_ptr<const plugin::Registry> registry;
    std::string type;
    std::string name;      ///< "" for the type's own settings
    std::string settings;  ///< resolved, so with secrets: to know whether they have changed
    std::shared_ptr<plugin::Module> module;
    std::vector<std::string> secrets;
    bool reused = false;  ///< it is the running one
  };
  // The registry outlives the modules, and those the actions.
  std::shared_ptr<const plugin::Registry> registry;
  std::vector<OpenModule> modules;
  std::shared_ptr<delivery::Plan> plan;  ///< actions have no runner yet

  /// The module an action of this type and module name uses; nullptr when it is not open.
  const OpenModule* find(const std::string& type, const std::string& name) const;
};

/// All problems go to `diagnostics` with file, line, column and pointer: OB014 unknown type, OB005
/// settings, OB008 templates, OB016 a plugin that cannot be loaded (a warning when no action needs
/// it, or when plugins.required says it may be missing). nullopt when there is an error.
/// Modules of `running` whose plugin and settings are still the same are taken over as they are,
/// connections and all.
std::optional<Composition> compose(const config::Configuration& configuration,
                                   const config::Environment& environment,
                                   LoggedHostServices& services, Diagnostics& diagnostics,
                                   const Composition* running = nullptr);

}  // namespace observerd::app
