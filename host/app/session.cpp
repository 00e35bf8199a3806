#include "app/session.hpp"

namespace observerd::app {
namespace fs = std::filesystem;

std::optional<config::Configuration> load_configuration(const Invocation& invocation,
                                                        const CommandLine& line) {
  Diagnostics diagnostics;
  auto configuration = config::load(line.config_file(), invocation.environment, diagnostics);
  print(invocation, diagnostics);
  return configuration;
}

std::optional<config::Configuration> load_configuration(const Invocation& invocation,
                                                        const CommandLine& line,
                                                        const std::vector<std::string>& uses) {
  Diagnostics diagnostics;
  auto configuration =
      config::load_members(line.config_file(), invocation.environment, uses, diagnostics);
  print(invocation, diagnostics);
  return configuration;
}

postgres::Options database_options(const config::Settings& settings, const std::string& purpose) {
  postgres::Options options;
  options.url = settings.database.url;
  options.schema = settings.database.schema;
  options.application_name = "observerd " + purpose;
  return options;
}

Result<std::unique_ptr<postgres::Connection>> open_database(const config::Settings& settings,
                                                            const std::string& purpose) {
  Result<std::vector<postgres::Migration>> migrations = load_migrations();
  if (!migrations) return migrations.status();
  auto connection = postgres::Connection::open(database_options(settings, purpose));
  if (!connection) return connection;
  if (Status status = postgres::require_migrated(**connection, *migrations); !status.ok()) {
    return status;
  }
  return connection;
}

fs::path binary_directory() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

fs::path data_directory() {
  return binary_directory().parent_path() / "share/observerd";
}

Result<std::vector<postgres::Migration>> load_migrations() {
  return postgres::read_migrations(data_directory() / "migrations");
}

}  // namespace observerd::app
