#pragma once

#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "postgres/connection.hpp"

namespace observerd::capture {

/// What the catalog says about a table that is to be captured.
struct TableFacts {
  unsigned oid = 0;
  std::string name;              ///< schema-qualified, quoted where needed
  std::string owner;             ///< the role that owns it
  bool partitioned = false;      ///< other tables hold its rows
  bool inherits = false;         ///< has a parent or children, partitions included
  bool row_triggers = false;     ///< has AFTER ROW triggers that are not ours
  std::vector<std::string> key;  ///< columns: those asked for, or the primary key
  /// Every table of the partition tree below and including it, quoted names; only of a
  /// partitioned table. Those that hold rows themselves are last.
  struct Part {
    std::string name;
    bool partitioned = false;
  };
  std::vector<Part> parts;
};

/// The oid that a name means, as the user's own search_path resolves it. OB009 with a near name.
Result<unsigned> resolve_table(pqxx::transaction_base& transaction, const std::string& table);

/// Checks that the table can be captured; OB009 naming the table and what to do.
Result<TableFacts> inspect_table(pqxx::transaction_base& transaction,
                                 const postgres::Connection& connection, unsigned oid,
                                 const std::vector<std::string>& key);

}  // namespace observerd::capture
