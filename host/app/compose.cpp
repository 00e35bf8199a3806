#include "app/compose.hpp"

#include <algorithm>

#include "app/plugin_names.hpp"
#include "app/secret_parts.hpp"
#include "app/setting_place.hpp"
#include "base/strings.hpp"
#include "condition/condition.hpp"
#include "delivery/alerter.hpp"

namespace observerd::app {
namespace {

using config::ActionSettings;
using config::ObserverSettings;

class Composer {
 public:
  Composer(const config::Configuration& configuration, const config::Environment& environment,
           LoggedHostServices& services, Diagnostics& diagnostics, const Composition* running)
      : configuration_(configuration),
        settings_(configuration.settings),
        environment_(environment),
        services_(services),
        diagnostics_(diagnostics),
        running_(running) {}

  std::optional<Composition> run() {
    const std::size_t before = diagnostics_.errors().size();
    result_.registry = plugin::Registry::load(plugin_policy(settings_), services_, diagnostics_);
    check_plugin_names(settings_, *result_.registry, diagnostics_);
    auto plan = std::make_shared<delivery::Plan>();
    plan->event_log = settings_.runtime.event_log;
    std::vector<matcher::Rule> rules;
    for (const ObserverSettings& observer : settings_.observers) {
      plan->observers.push_back(prepare(observer));
      rules.push_back(rule(observer, rules.size()));
    }
    if (const auto& alert = settings_.runtime.alert) {
      plan->alert = std::make_unique<delivery::PreparedAlert>();
      plan->alert->observer.name = delivery::kAlertName;
      plan->alert->observer.actions.push_back(prepare(alert->action));
      plan->alert->rate = alert->rate;
    }
    report_unused_faulty_plugins();
    plan->matcher = std::make_unique<const matcher::Matcher>(rules);
    result_.plan = std::move(plan);
    if (diagnostics_.errors().size() > before) return std::nullopt;
    return std::move(result_);
  }

 private:
  static matcher::Rule rule(const ObserverSettings& observer, std::size_t index) {
    matcher::Rule rule{observer.entity, {}, condition::Condition::always()};
    rule.kinds = observer.events;
    rule.enabled = observer.enabled;
    rule.index = index;
    if (!observer.when.empty()) {
      // Checked when the configuration was read.
      Result<condition::Condition> condition = condition::Condition::parse(observer.when);
      if (condition) rule.condition = std::move(*condition);
    }
    return rule;
  }

  delivery::PreparedObserver prepare(const ObserverSettings& observer) {
    delivery::PreparedObserver prepared;
    prepared.name = observer.name;
    prepared.ordering = observer.ordering;
    prepared.sequence = observer.sequence;
    for (const ActionSettings& action : observer.actions) {
      prepared.actions.push_back(prepare(action));
    }
    return prepared;
  }

  delivery::PreparedAction prepare(const ActionSettings& action) {
    delivery::PreparedAction prepared;
    prepared.name = action.name;
    prepared.type = action.type;
    prepared.module = action.module;
    prepared.delivery = action.delivery;
    prepared.mask = [](std::string text) { return text; };
    if (action.type.empty()) return prepared;  // reported when the configuration was read
    const plugin::ActionType* type = result_.registry->find(action.type);
    if (type == nullptr) {
      prepared.blocked = report_missing_type(action);
      return prepared;
    }
    std::optional<config::Resolved> resolved = config::resolve_action(
        action, type->action_schema, environment_, configuration_.sources, diagnostics_);
    const Composition::OpenModule* module = open_module(*type, action);
    if (!resolved) return prepared;
    prepared.masked_settings = resolved->masked;
    std::vector<std::string> secrets = with_url_parts(resolved->secrets);
    services_.learn(secrets);
    if (module != nullptr) {
      secrets.insert(secrets.end(), module->secrets.begin(), module->secrets.end());
    }
    prepared.mask = [secrets](std::string text) {
      return config::mask_secrets(std::move(text), secrets);
    };
    Diagnostics below;
    prepared.settings = templates::SettingsTemplate::compile(resolved->value, type->action_schema,
                                                             below, &action.settings);
    if (module != nullptr && below.ok()) {
      prepared.bound = module->module->bind(json::write(resolved->value), below);
    }
    place_all(below, action.place, action.settings,
              "action \"" + action.name + "\" (" + action.type + ")", secrets);
    return prepared;
  }

  /// Problems that were found below an action's or a module's settings get their place in the file.
  /// `secrets`: what the plugin was given and must not repeat.
  void place_all(const Diagnostics& below, const Place& base, const json::Value& settings,
                 const std::string& context, const std::vector<std::string>& secrets) {
    for (const Status& problem : below.errors()) {
      Status status =
          Status::error(problem.code(), config::mask_secrets(problem.message(), secrets));
      for (const std::string& note : problem.notes()) {
        status.note(config::mask_secrets(note, secrets));
      }
      status.context(context);
      diagnostics_.add(std::move(status).at(
          place_below(configuration_, base, settings, problem.place().pointer)));
    }
  }

  /// Why no loaded plugin provides the type: an error, or, where the plugin may be missing, the
  /// reason that its deliveries wait for.
  std::string report_missing_type(const ActionSettings& action) {
    const plugin::Entry* faulty = result_.registry->find_faulty(action.type);
    if (faulty == nullptr) {
      std::string sentence = "no plugin provides the action type \"" + action.type + "\"" +
                             did_you_mean(action.type, result_.registry->type_names());
      Status status = Status::error(Code::UnknownActionType, std::move(sentence));
      Place place = action.place;
      place.pointer += "/type";
      status.note("loaded: " + (result_.registry->type_names().empty()
                                    ? std::string("no plugin at all")
                                    : join(result_.registry->type_names(), ", ")));
      status.note("looked in: " + join(settings_.plugins.directories, ", "));
      if (may_be_missing(action.type)) {
        diagnostics_.warn(wait_note(std::move(status).at(place), action));
        return "plugin " + action.type + ": no plugin provides it";
      }
      diagnostics_.add(std::move(status).at(place));
      return {};
    }
    used_faulty_.push_back(faulty);
    if (may_be_missing(action.type)) {
      diagnostics_.warn(wait_note(faulty->reason, action));
      return "plugin " + action.type + ": " + faulty->reason.message();
    }
    Status status = faulty->reason;
    status.note("needed by action \"" + action.name + "\"; \"plugins\": {\"required\": {\"" +
                action.type + "\": false}} lets observerd start without it");
    diagnostics_.add(std::move(status).at(action.place));
    return {};
  }

  /// "plugins": {"required": {TYPE: false}}
  bool may_be_missing(const std::string& type) const {
    const auto required = settings_.plugins.required.find(type);
    return required != settings_.plugins.required.end() && !required->second;
  }

  static Status wait_note(Status status, const ActionSettings& action) {
    status.note("deliveries of action \"" + action.name + "\" wait until the plugin can be loaded");
    return status;
  }

  void report_unused_faulty_plugins() {
    for (const auto& entry : result_.registry->entries()) {
      if (entry->state != plugin::State::Faulty) continue;
      const bool used =
          std::find(used_faulty_.begin(), used_faulty_.end(), entry.get()) != used_faulty_.end();
      if (!used) diagnostics_.warn(entry->reason);
    }
  }

  const Composition::OpenModule* open_module(const plugin::ActionType& type,
                                             const ActionSettings& action) {
    if (const Composition::OpenModule* open = result_.find(type.type, action.module)) {
      return open->module ? open : nullptr;
    }
    Composition::OpenModule opened;
    opened.type = type.type;
    opened.name = action.module;
    config::ModuleSettings settings;
    settings.settings = json::Value::object();
    settings.place.pointer = "/plugins/settings/" + type.type;
    if (const config::ModuleSettings* given = find_settings(type.type, action.module)) {
      settings = *given;
    } else if (!action.module.empty()) {
      Place place = action.place;
      place.pointer += "/module";
      diagnostics_.add(Status::error(Code::ActionSettings,
                                     "there is no module \"" + action.module + "\" of type " +
                                         type.type +
                                         did_you_mean(action.module, module_names(type.type)))
                           .at(place));
    }
    std::optional<config::Resolved> resolved = config::resolve_module(
        settings, type.module_schema, environment_, configuration_.sources, diagnostics_);
    if (resolved) {
      opened.registry = result_.registry;
      opened.secrets = with_url_parts(resolved->secrets);
      services_.learn(opened.secrets);
      opened.settings = json::write(resolved->value);
      const Composition::OpenModule* same = running_module(type, opened);
      if (same != nullptr) {
        opened = *same;
        opened.reused = true;
        result_.modules.push_back(std::move(opened));
        return &result_.modules.back();
      }
      Diagnostics below;
      opened.module = plugin::open_module(type, opened.settings, services_, below);
      place_all(below, settings.place, settings.settings, "module of " + type.type, opened.secrets);
    }
    // Kept also when it failed, so that its problems are reported once.
    result_.modules.push_back(std::move(opened));
    return result_.modules.back().module ? &result_.modules.back() : nullptr;
  }

  /// The running module that is still as it was opened, or nullptr.
  const Composition::OpenModule* running_module(const plugin::ActionType& type,
                                                const Composition::OpenModule& wanted) const {
    const Composition::OpenModule* running =
        running_ == nullptr ? nullptr : running_->find(wanted.type, wanted.name);
    const bool same = running != nullptr && running->module != nullptr &&
                      running->settings == wanted.settings &&
                      plugin::is_same_code(type, running->module->type());
    return same ? running : nullptr;
  }

  const config::ModuleSettings* find_settings(const std::string& type,
                                              const std::string& name) const {
    for (const config::ModuleSettings& module : settings_.plugins.modules) {
      if (module.type == type && module.name == name) return &module;
    }
    return nullptr;
  }

  std::vector<std::string> module_names(const std::string& type) const {
    std::vector<std::string> names;
    for (const config::ModuleSettings& module : settings_.plugins.modules) {
      if (module.type == type && !module.name.empty()) names.push_back(module.name);
    }
    return names;
  }

  const config::Configuration& configuration_;
  const config::Settings& settings_;
  const config::Environment& environment_;
  LoggedHostServices& services_;
  Diagnostics& diagnostics_;
  const Composition* const running_;
  Composition result_;
  std::vector<const plugin::Entry*> used_faulty_;
};

}  // namespace

const Composition::OpenModule* Composition::find(const std::string& type,
                                                 const std::string& name) const {
  for (const OpenModule& module : modules) {
    if (module.type == type && module.name == name) return &module;
  }
  return nullptr;
}

std::optional<Composition> compose(const config::Configuration& configuration,
                                   const config::Environment& environment,
                                   LoggedHostServices& services, Diagnostics& diagnostics,
                                   const Composition* running) {
  return Composer(configuration, environment, services, diagnostics, running).run();
}

}  // namespace observerd::app
