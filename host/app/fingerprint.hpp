#pragma once

#include <string>

#include "config/load.hpp"

namespace observerd::app {

/// What hosts that share a database must agree on: observers, defaults, entities, and what goes to
/// the event log. References count as written, so a secret's value is no part of it. Hosts may
/// differ in everything else (plugins' own settings, queues, ports).
std::string fingerprint(const config::Configuration& configuration);

}  // namespace observerd::app
