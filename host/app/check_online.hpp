#pragma once

#include "app/compose.hpp"
#include "config/load.hpp"

namespace observerd::app {

/// What can only be checked with the database and the destinations at hand: reachable and migrated,
/// every entity captured, the columns that conditions and templates name, and each action's probe.
/// `composition` may be nullptr (then no probes).
void check_online(const config::Configuration& configuration, const Composition* composition,
                  Diagnostics& diagnostics);

}  // namespace observerd::app
