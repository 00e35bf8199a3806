#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "admin/endpoint.hpp"
#include "app/database_pool.hpp"
#include "app/own_commands.hpp"
#include "base/clock.hpp"
#include "config/load.hpp"
#include "plugin/registry.hpp"

/// The verbs of the command line over HTTP: each endpoint calls the view that makes the same JSON
/// for the command, or runs the command. What is stored and what runs is read from the database, as
/// commands do it, so any host answers for all; its configuration and plugins are the host's own.
namespace observerd::app {

/// What the endpoints work with; outlives them. The functions are called from several threads.
struct AdminContext {
  DatabasePool& database;
  std::function<std::shared_ptr<const config::Configuration>()> configuration;  ///< of now
  std::function<std::shared_ptr<const plugin::Registry>()> plugins;             ///< of now
  const Clock& clock;
  std::function<std::string()> fingerprint;  ///< of this host's configuration, of now
  OwnCommands& commands;

  std::shared_ptr<const config::Settings> settings() const {
    const auto now = configuration();
    return {now, &now->settings};
  }
};

std::vector<admin::Endpoint> admin_endpoints(const AdminContext& context);

// Its parts, a subject each.
void add_live_endpoints(const AdminContext& context, std::vector<admin::Endpoint>& out);
void add_configured_endpoints(const AdminContext& context, std::vector<admin::Endpoint>& out);
void add_stored_endpoints(const AdminContext& context, std::vector<admin::Endpoint>& out);

}  // namespace observerd::app
