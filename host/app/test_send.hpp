#pragma once

#include "base/clock.hpp"
#include "plugin/module.hpp"

namespace observerd::app {

struct Sent {
  plugin::ItemResult result;
  Milliseconds took{0};
};

/// Delivers one item now, outside any lane, and waits for what becomes of it; Unknown when that is
/// not clear soon after `timeout`. The module must have been started.
Sent send_once(plugin::Module& module, plugin::Item item, Milliseconds timeout);

/// The same event, as a receiver sees it, with a first member "test": true.
std::string marked_as_test(const std::string& event_json);

}  // namespace observerd::app
