#pragma once

#include "base/json.hpp"
#include "base/status.hpp"
#include "config/settings.hpp"
#include "postgres/connection.hpp"

/// What the running hosts show of themselves, put together with what the database knows: the
/// answers of `observerd lanes list --json`, `observers list --json` and of the HTTP API. The
/// shapes are in config/schema. One connection, so one thread at a time.
namespace observerd::app::views {

/// {"hosts": [...]}: who runs, since when, with which configuration, and why not.
Result<json::Value> list_hosts(postgres::Connection& connection);
/// [{"name", "hosts": [...], "parked": {...}}]: every destination that some host or the retry
/// schedule knows, by name.
Result<json::Value> list_lanes(postgres::Connection& connection);
/// [{"name", "entity", "enabled", "actions", "paused", counters}]: the configured observers.
Result<json::Value> list_observers(postgres::Connection& connection,
                                   const config::Settings& settings);

}  // namespace observerd::app::views
