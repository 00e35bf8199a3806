#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "app/command_line.hpp"
#include "config/load.hpp"
#include "postgres/connection.hpp"
#include "postgres/migrations.hpp"

namespace observerd::app {

/// Loads the configuration, or prints every problem: then nullopt.
std::optional<config::Configuration> load_configuration(const Invocation& invocation,
                                                        const CommandLine& line);
/// The same for a command that looks at some members of the document only: see
/// config::load_members.
std::optional<config::Configuration> load_configuration(const Invocation& invocation,
                                                        const CommandLine& line,
                                                        const std::vector<std::string>& uses);

postgres::Options database_options(const config::Settings& settings, const std::string& purpose);

/// A connection for a command that works on observerd's tables; requires that they are migrated.
Result<std::unique_ptr<postgres::Connection>> open_database(const config::Settings& settings,
                                                            const std::string& purpose);

/// Those in data_directory().
Result<std::vector<postgres::Migration>> load_migrations();

/// The directory of the running binary.
std::filesystem::path binary_directory();

/// What comes with the program and is read by it: share/observerd beside its directory. A build has
/// it too.
std::filesystem::path data_directory();

}  // namespace observerd::app
