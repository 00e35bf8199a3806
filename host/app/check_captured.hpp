#pragma once

#include "app/compose.hpp"
#include "config/load.hpp"
#include "postgres/connection.hpp"

namespace observerd::app {

/// Each observer against the table that its entity is captured from: that there is one, and that
/// what its condition and its templates read can be in a row. An error (OB003, OB008) where an
/// observer would never fire or a delivery never be rendered, else a warning. Without `composition`
/// no templates.
void check_captured(const config::Configuration& configuration, const Composition* composition,
                    postgres::Connection& connection, Diagnostics& diagnostics);

}  // namespace observerd::app
