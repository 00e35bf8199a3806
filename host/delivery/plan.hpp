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
  config::DeliverySettings delivery;
  json::Value masked_settings;  ///< unrendered, secrets masked: what a dead letter keeps
  templates::SettingsTemplate settings;
  std::function<std::string(std::string)> mask;  ///< takes secrets out of a text
  std::shared_ptr<plugin::BoundAction> bound;    ///< nullptr when blocked
  std::shared_ptr<ModuleRunner> runner;          ///< nullptr when blocked, and in dry runs
  std::string blocked;  ///< why no plugin can take it ("plugin acme: …"), or ""
};

struct PreparedObserver {
  std::string name;
  config::Ordering ordering = config::Ordering::Entity;
  config::Sequence sequence = config::Sequence::Plain;
  std::vector<PreparedAction> actions;

  const PreparedAction* find(std::string_view action) const;
};

/// What the host does with events: made at start, then only read, so it is shared freely.
struct Plan {
  std::vector<PreparedObserver> observers;  ///< in configuration order: the matcher's indices
  std::unique_ptr<const matcher::Matcher> matcher;
  config::EventLog event_log = config::EventLog::Matched;

  const PreparedObserver* find(std::string_view observer) const;
};

}  // namespace observerd::delivery
