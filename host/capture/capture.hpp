#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "capture/pushdown.hpp"
#include "postgres/connection.hpp"

namespace observerd::capture {

enum class OnError : unsigned char { Abort, Skip };

struct AddOptions {
  std::string table;  ///< as the user wrote it: `orders`, `public.orders`, `"Odd".t`
  std::string entity;
  std::vector<std::string> key;  ///< empty: the primary key
  OnError on_error = OnError::Abort;
  bool capture_unchanged = false;  ///< also updates that change nothing
  bool replace = false;            ///< also when the table is captured as another entity
};

struct Captured {
  std::string table;  ///< schema-qualified, quoted where needed
  std::string entity;
  std::vector<std::string> key;
  OnError on_error = OnError::Abort;
  std::string mode;     ///< "statement" or "row"
  bool enabled = true;  ///< false: the triggers are missing or disabled
  Pushdown pushdown;    ///< what the triggers leave out, and whom they serve
};

/// Installs the triggers that turn changes of one table into outbox rows, in the writer's own
/// transaction. Adding again with other options replaces them, and every change is captured again
/// until the next sync(). Errors (OB009) name the table and what to do: no such table, no key, a
/// view, a table of our own schema, no privilege, an entity that another table has, a table that
/// has another entity.
Result<Captured> add(postgres::Connection& connection, const AddOptions& options);
Result<std::vector<Captured>> list(postgres::Connection& connection);
/// Removes the triggers and functions of one table; what waits in the outbox is kept.
Status drop(postgres::Connection& connection, const std::string& table);

/// The columns of a captured table with their PostgreSQL type names, for `check --online`.
struct Column {
  std::string name;
  std::string type;
};
Result<std::vector<Column>> columns(postgres::Connection& connection, const std::string& entity);

}  // namespace observerd::capture
