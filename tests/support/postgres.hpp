#pragma once

#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/migrations.hpp"
#include "postgres/private_server.hpp"

/// PostgreSQL for tests: a server of this process's own and new databases on it. Every function
/// throws std::runtime_error when something fails, which fails the test.
namespace observerd::testing {

/// One server per test process, started at the first call, gone with the process. Made from a
/// cluster that is kept in the build directory (one for each user, server version and set of
/// migrations), so this takes a quarter of a second rather than two.
postgres::PrivateServer& shared_server();

/// A server of the caller's own, for tests that stop or crash it. From the same cluster, so as
/// fast; `options.cluster` is set here.
std::unique_ptr<postgres::PrivateServer> new_server(postgres::PrivateServerOptions options = {});

/// URL of a new database on shared_server(): all migrations applied, schema "observer", 4 shards.
std::string fresh_database();
std::string fresh_database(const postgres::PrivateServer& server);
/// The same without any migration.
std::string empty_database();

/// The repository's migrations.
std::vector<postgres::Migration> all_migrations();
/// A connection of the host's kind.
std::unique_ptr<postgres::Connection> connect(const std::string& url,
                                              const std::string& schema = "observer");

/// One row a vector, NULL as "NULL".
using Rows = std::vector<std::vector<std::string>>;
/// Runs statements on a connection of its own with default settings, as an application would:
/// several, separated by semicolons, are one transaction. Returns the rows of the last one.
Rows run_sql(const std::string& url, const std::string& sql);
Rows run_sql(pqxx::connection_base& connection, const std::string& sql);
/// The first column of the first row of run_sql; "" when there is none.
std::string scalar(const std::string& url, const std::string& sql);

}  // namespace observerd::testing
