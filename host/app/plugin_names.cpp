#include "app/plugin_names.hpp"

#include <algorithm>
#include <set>

#include "base/strings.hpp"

namespace observerd::app {
namespace {

using Names = std::set<std::string>;

/// The types that actions of the configuration are of.
Names used_types(const config::Settings& settings) {
  Names used;
  for (const config::ObserverSettings& observer : settings.observers) {
    for (const config::ActionSettings& action : observer.actions) used.insert(action.type);
  }
  if (settings.runtime.alert) used.insert(settings.runtime.alert->action.type);
  return used;
}

/// What a policy may have meant.
std::vector<std::string> near_names(const plugin::Registry& registry, const Names& used) {
  Names names = used;
  for (const std::string& type : registry.type_names()) names.insert(type);
  for (const auto& entry : registry.entries()) names.insert(entry->stem);
  return {names.begin(), names.end()};
}

/// What is said of the plugin, up to its name.
std::string subject(const config::PolicyName& one) {
  if (one.policy == "sha256") return "a file is pinned for ";
  if (one.policy == "required") return "\"required\" names ";
  return one.policy + " of ";
}

}  // namespace

void check_plugin_names(const config::Settings& settings, const plugin::Registry& registry,
                        Diagnostics& diagnostics) {
  for (const config::ModuleSettings& module : settings.plugins.modules) {
    if (registry.find(module.type) || registry.find_faulty(module.type)) continue;
    diagnostics.warn(
        Status::error(Code::UnknownActionType, "settings for the action type \"" + module.type +
                                                   "\", which no plugin provides" +
                                                   did_you_mean(module.type, registry.type_names()))
            .at(module.place));
  }
  const Names used = used_types(settings);
  for (const config::PolicyName& one : settings.plugins.policy_names) {
    if (registry.means_plugin(one.name) || used.count(one.name) > 0) continue;
    Status status =
        Status::error(Code::UnknownActionType,
                      subject(one) + "\"" + one.name +
                          "\", which is neither an action type nor the file of a plugin" +
                          did_you_mean(one.name, near_names(registry, used)));
    status.at(one.place);
    const auto required = settings.plugins.required.find(one.name);
    const bool may_be_missing = required != settings.plugins.required.end() && !required->second;
    const bool demanded = one.policy == "sha256" || one.policy == "required";
    if (demanded && !may_be_missing) {
      diagnostics.add(std::move(status));
    } else {
      diagnostics.warn(std::move(status));
    }
  }
}

}  // namespace observerd::app
