#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "base/uuid.hpp"
#include "postgres/connection.hpp"

namespace observerd::source {

/// How far one shard is, as the database shows it: for commands, which do not ask the daemon.
struct ShardProgress {
  /// Waiting events are counted up to this many, so that a look at a huge backlog stays cheap.
  static constexpr std::int64_t kCountLimit = 100'000;

  int shard = 0;
  std::int64_t epoch = 0;
  bool held = false;           ///< some host has the lease
  std::string holder;          ///< application_name and pid of its connection, or ""
  std::int64_t waiting = 0;    ///< events not read yet, at most kCountLimit
  std::int64_t unsettled = 0;  ///< read, not settled
  double oldest_seconds = 0;   ///< age of the oldest event that waits or is unsettled; 0: none
  std::string written_at;      ///< when the ledger was last written
};

Result<std::vector<ShardProgress>> progress(postgres::Connection& connection);

/// What was fixed when the tables were made.
struct Installation {
  Uuid id;
  int shards = 0;
  std::string system_identifier;   ///< of the server then; "" when it could not be told
  std::string present_identifier;  ///< of the server now; "" when it cannot be told
  std::int64_t adopted_to = 0;     ///< outbox ids up to this came with a restored dump
};
Result<Installation> installation(postgres::Connection& connection);

}  // namespace observerd::source
