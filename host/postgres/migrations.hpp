#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "postgres/connection.hpp"

namespace observerd::postgres {

/// One numbered file of migrations/: "01_create_dlq_schema.sql". The text may use ${schema}
/// (quoted identifier) and ${shards}.
struct Migration {
  int number = 0;
  std::string name;
  std::string checksum;  ///< SHA-256 of the file, hex
  std::string sql;
};

struct MigrationState {
  Migration migration;
  bool applied = false;
  std::string applied_at;
};

/// The files in number order; gaps, doubles and unreadable files are errors (OB009).
Result<std::vector<Migration>> read_migrations(const std::filesystem::path& directory);

/// The text that runs: ${schema} and ${shards} filled in.
std::string migration_sql(const Migration& migration, const Connection& connection, int shards);

/// What is applied and what is pending. A migration that the database has and we do not (a newer
/// binary was here) or whose text has changed since is an error that says so and what to do.
Result<std::vector<MigrationState>> migration_status(Connection& connection,
                                                     const std::vector<Migration>& migrations);

/// Applies what is pending, each in its own transaction, all under one advisory lock, so that hosts
/// that start together do not collide. Returns the numbers applied. Nothing is changed on an error.
Result<std::vector<int>> migrate(Connection& connection, const std::vector<Migration>& migrations,
                                 int shards);

/// ok when every migration is applied; else OB009 saying to run `observerd migrate`. A database
/// that is newer than this binary is OB009 too.
Status require_migrated(Connection& connection, const std::vector<Migration>& migrations);

}  // namespace observerd::postgres
