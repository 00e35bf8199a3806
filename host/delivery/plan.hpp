#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "config/settings.hpp"
#include "matcher/matcher.hpp"
#include "plugin/module.hpp"
#include "templates/settings_template.hpp"

namespace observerd::delivery {

class ModuleRunner;

/// One configured action, ready to deliver.
struct PreparedAction {
  std::string name;
  std::string type;
  std::string module;  ///< its name, "" for the type's own
  config::DeliverySettings delivery;
  json::Value masked_settings;  ///< unrendered, secrets masked: what a dead letter keeps
  templates::SettingsTemplate settings;
  std::function<std::string(std::string)> mask;  ///< takes secrets out of a text
  std::shared_ptr<plugin::BoundAction> bound;    ///< nullptr when blocked
  std::shared_ptr<ModuleRunner> runner;          ///< nullptr when blocked, and in dry runs
  std::string blocked;  ///< why no plugin can take it ("plugin acme: …"), or ""
};

/// How the lane of a destination is called, in this process and in the retry schedule:
/// "TYPE KEY", or "TYPE/MODULE KEY" for a named module. `suffix`: SettingsTemplate::lane_suffix.
std::string lane_name(const std::string& observer, const PreparedAction& action,
                      const std::string& suffix);
/// The lane of a delivery that has not been rendered: its destination's where there is one only,
/// else "OBSERVER/ACTION" (no lane of a destination looks like that).
std::string unrendered_lane(const std::string& observer, const PreparedAction& action);

/// True when a person may mean the lane: by its name, or by its key alone.
bool is_called(std::string_view lane, std::string_view wanted);

struct PreparedObserver {
  std::string name;
  config::Ordering ordering = config::Ordering::Entity;
  config::Sequence sequence = config::Sequence::Plain;
  std::vector<PreparedAction> actions;

  const PreparedAction* find(std::string_view action) const;
};

/// Who is told of a failure for good under the policy "alert".
struct PreparedAlert {
  PreparedObserver observer;  ///< "observerd.alert", with one action
  config::RateSettings rate;
};

/// What the host does with events: made at start and at a reload, then only read, so it is shared
/// freely. Whoever wants to know when no delivery uses it any more keeps a weak_ptr.
struct Plan {
  std::vector<PreparedObserver> observers;  ///< in configuration order: the matcher's indices
  std::unique_ptr<const matcher::Matcher> matcher;
  config::EventLog event_log = config::EventLog::Matched;
  std::unique_ptr<PreparedAlert> alert;  ///< nullptr: the policy "alert" is then as "dlq"

  /// Every action, that of the alert too: for setting the runners.
  void for_each_action(const std::function<void(PreparedAction&)>& visit);
  const PreparedObserver* find(std::string_view observer) const;
};

}  // namespace observerd::delivery
