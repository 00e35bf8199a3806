#pragma once

#include <string>
#include <vector>

#include "base/status.hpp"
#include "postgres/connection.hpp"

namespace observerd::capture {

/// What a configuration says about an entity.
struct Declared {
  std::string entity;
  std::string table;             ///< as the user wrote it
  std::vector<std::string> key;  ///< empty: the primary key
};

struct ApplyOptions {
  bool prune = false;  ///< also drop what is captured and not declared
  bool dry_run = false;
};

enum class Action : unsigned char {
  None,     ///< it is as declared
  Add,      ///< it was not captured
  Replace,  ///< it was, but otherwise
  Drop,     ///< it is captured and not declared
  Beyond,   ///< the same, and stays since nobody said to prune
};
/// "none", "add", …
const char* action_name(Action action);

struct Applied {
  std::string entity;
  std::string table;  ///< schema-qualified where the table was found
  Action action = Action::None;
  std::string reason;  ///< one clause; empty for None and Add
  bool done = false;   ///< false of a dry run and of an error
  Status error;
};

/// Makes the captures agree with what is declared, each table in a transaction of its own. First
/// everything is looked at: if any of it cannot be, all errors are told and nothing is changed.
/// What is captured anew captures every change until the next sync(). Unchanged captures keep their
/// push-down, replaced ones also keep what happens on errors and with unchanged updates.
Result<std::vector<Applied>> apply(postgres::Connection& connection,
                                   const std::vector<Declared>& declared,
                                   const ApplyOptions& options = {});

}  // namespace observerd::capture
