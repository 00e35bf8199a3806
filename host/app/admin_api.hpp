#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "admin/endpoint.hpp"
#include "app/database_pool.hpp"
#include "base/clock.hpp"
#include "config/settings.hpp"
#include "plugin/registry.hpp"

/// The verbs of the command line over HTTP: each endpoint calls the view that makes the same JSON
/// for the command. Everything speaks to the database, as commands do, so any host answers for all.
namespace observerd::app {

/// What the endpoints work with; outlives them. The functions are called from several threads.
struct AdminContext {
  DatabasePool& database;
  std::function<std::shared_ptr<const config::Settings>()> settings;  ///< of now
  std::function<std::shared_ptr<const plugin::Registry>()> plugins;   ///< of now
  const Clock& clock;
  std::function<std::string()> fingerprint;  ///< of this host's configuration, of now
};

std::vector<admin::Endpoint> admin_endpoints(const AdminContext& context);

// Its parts, a subject each.
void add_live_endpoints(const AdminContext& context, std::vector<admin::Endpoint>& out);
void add_stored_endpoints(const AdminContext& context, std::vector<admin::Endpoint>& out);

}  // namespace observerd::app
