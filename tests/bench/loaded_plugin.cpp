#include "loaded_plugin.hpp"

#include "report.hpp"

namespace observerd::bench {

LoadedPlugin::LoadedPlugin(const std::string& type, const std::string& module_settings,
                           const std::string& action_settings) {
  plugin::Policy policy;
  policy.directories = {OBSERVERD_BUILD_DIR "/plugins"};
  policy.trusted_directories = policy.directories;
  registry_ = plugin::Registry::load(policy, services_, diagnostics_);
  const plugin::ActionType* found = registry_->find(type);
  if (found == nullptr) give_up("the plugin " + type + " is not in the build directory");
  module_ = plugin::open_module(*found, module_settings, services_, diagnostics_);
  if (module_ != nullptr) action_ = module_->bind(action_settings, diagnostics_);
  if (action_ == nullptr || !module_->start().ok()) {
    give_up("the plugin " + type + " cannot be used");
  }
}

LoadedPlugin::~LoadedPlugin() {
  module_->stop();
}

plugin::Item LoadedPlugin::item(std::size_t number) const {
  plugin::Item item;
  item.action = action_.get();
  item.delivery_id = std::to_string(number);
  item.event_json = event_;
  return item;
}

}  // namespace observerd::bench
