#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "config/settings.hpp"
#include "postgres/connection.hpp"
#include "store/control.hpp"

/// What the running hosts show of themselves, put together with what the database knows: the
/// answers of `observerd lanes list --json`, `observers list --json` and of the HTTP API. The
/// shapes are in config/schema. One connection, so one thread at a time.
namespace observerd::app::views {

/// What the living hosts say of themselves, summed up.
struct HostSums {
  std::int64_t lanes = 0;  ///< destinations, counted by each host
  std::int64_t open = 0;   ///< of these, with an open breaker
  std::int64_t queued = 0, in_flight = 0, dropped = 0;
  std::int64_t condition_errors = 0;  ///< of all observers, where conditions were evaluated
  std::int64_t plugins = 0;           ///< files that are loaded, on the host that has most
  std::vector<std::string> faulty;    ///< files that cannot be used, and why
  /// Files that were replaced while their code runs: used after a restart.
  std::vector<std::string> replaced;
};
HostSums sum_hosts(const std::vector<store::HostRow>& hosts);

Result<bool> any_host_runs(postgres::Connection& connection);
/// [{"name", …}]: who runs, since when, with which configuration, and why not.
Result<json::Value> list_hosts(postgres::Connection& connection);
/// Makes the configuration with this fingerprint the one that counts: {"fingerprint", "hosts":
/// [{"host", "active"}]}.
Result<json::Value> activate(postgres::Connection& connection, const std::string& fingerprint);
/// [{"name", "hosts": [...], "parked": {...}}]: every destination that some host or the retry
/// schedule knows, by name.
Result<json::Value> list_lanes(postgres::Connection& connection);
/// [{"name", "entity", "enabled", "actions", "paused", counters}]: the configured observers.
Result<json::Value> list_observers(postgres::Connection& connection,
                                   const config::Settings& settings);

}  // namespace observerd::app::views
