#pragma once

#include <memory>
#include <string>

#include "plugin/module.hpp"
#include "plugin/registry.hpp"

namespace observerd::bench {

/// A built plugin in the host's own loader, started, with one action. Gives up when it cannot be
/// used. Delivering is as thread-safe as the plugin.
class LoadedPlugin {
 public:
  LoadedPlugin(const std::string& type, const std::string& module_settings,
               const std::string& action_settings);
  ~LoadedPlugin();
  LoadedPlugin(const LoadedPlugin&) = delete;
  LoadedPlugin& operator=(const LoadedPlugin&) = delete;

  plugin::Module& module() { return *module_; }
  /// An item of the action with a delivery id of its own and an empty event; the rest is the
  /// caller's.
  plugin::Item item(std::size_t number) const;

 private:
  class NoServices final : public plugin::HostServices {
   public:
    bool log_enabled(std::string_view, int) override { return false; }
    void log(std::string_view, int, std::string_view, const Fields&) override {}
    void metric(std::string_view, int, std::string_view, double, const Fields&) override {}
  };

  NoServices services_;
  Diagnostics diagnostics_;
  std::unique_ptr<plugin::Registry> registry_;
  std::unique_ptr<plugin::Module> module_;
  std::unique_ptr<plugin::BoundAction> action_;
  const std::shared_ptr<const std::string> event_ = std::make_shared<const std::string>("{}");
};

}  // namespace observerd::bench
