#pragma once

#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "capture/capture.hpp"
#include "capture/table_facts.hpp"
#include "postgres/connection.hpp"

/// What stands in the table captures and on the user's tables, inside somebody's transaction: the
/// parts that the public functions have in common.
namespace observerd::capture {

/// DDL waits for running transactions, and everybody else then waits for the DDL.
inline constexpr const char* kLimitWaiting = "SET LOCAL lock_timeout = '5s'";

/// One row of captures, as the database has it.
struct Installed {
  unsigned oid = 0;
  bool exists = true;  ///< the table is still there
  Captured captured;
  bool capture_unchanged = false;
  /// The triggers on the table are there, enabled or not, and mean what they meant when they were
  /// installed: no column that a condition reads was renamed.
  bool untouched = true;
  std::string definition;  ///< fingerprint; empty when an older version installed it
};

/// One row of captures, as it shall be.
struct Wanted {
  unsigned oid = 0;
  AddOptions options;  ///< `key` empty for the primary key; `table` does not count
  Pushdown pushdown;
};

/// The SQL that installs a capture.
struct Installation {
  Captured captured;
  std::vector<std::string> statements;
  std::vector<std::string> triggers;  ///< names of those on the table itself
  std::string definition;             ///< a fingerprint of the statements
};

/// OB009 with the remedy when the schema is not migrated.
Status check_migrated(pqxx::transaction_base& transaction, const postgres::Connection& connection);
/// Makes the common failures of DDL say what to do.
Status explain(Status status, const std::string& table);

std::vector<Installed> read_installed(pqxx::transaction_base& transaction,
                                      const postgres::Connection& connection);

/// Looks at the table and writes the SQL; changes nothing. Refuses what cannot be captured.
/// Of a partitioned table nothing is left out, whatever `wanted.pushdown` says: a row that moves
/// comes as a delete and an insert that each filter would judge by half.
Result<Installation> plan_installation(pqxx::transaction_base& transaction,
                                       const postgres::Connection& connection,
                                       const Wanted& wanted);
/// Installs it, in the place of what the table or the entity has now.
Result<Captured> install(pqxx::work& transaction, const postgres::Connection& connection,
                         const Wanted& wanted);
/// The triggers of an entity wherever they are, also on partitions detached since, their function
/// and what is written down about it.
void uninstall(pqxx::work& transaction, const postgres::Connection& connection,
               const std::string& entity);

}  // namespace observerd::capture
