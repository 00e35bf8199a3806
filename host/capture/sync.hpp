#pragma once

#include <string>
#include <vector>

#include "capture/capture.hpp"
#include "capture/pushdown.hpp"
#include "postgres/connection.hpp"

namespace observerd::capture {

struct SyncOptions {
  /// `event_log: all`: every change is wanted, whoever matches it.
  bool log_everything = false;
  bool dry_run = false;
};

struct Synced {
  Captured captured;  ///< as it is now, of a dry run as it would be
  bool changed = false;
  std::string reason;  ///< when changed: why; one clause
  Status error;        ///< the table stays as it was
};

/// Makes the triggers of every captured table leave out what none of `observers` can match, and
/// writes down whom they serve; writes triggers anew that an older version installed, that are
/// missing, or that the table has outgrown (partitions attached, triggers of its own). Each table
/// in a transaction of its own; one that cannot be changed now has `error` and does not stop the
/// rest.
Result<std::vector<Synced>> sync(postgres::Connection& connection,
                                 const std::vector<Interest>& observers,
                                 const SyncOptions& options = {});

struct Starved {
  std::string table;
  std::string entity;
  std::vector<std::string> observers;  ///< empty when it is the event log that would
};

/// The tables whose triggers leave out changes that `observers` (or the event log) must see: with
/// these nobody may start to read before sync() has run. Costs a query and a half a table; what it
/// finds it finds by the columns as they are now.
Result<std::vector<Starved>> starved(postgres::Connection& connection,
                                     const std::vector<Interest>& observers,
                                     bool log_everything = false);

}  // namespace observerd::capture
