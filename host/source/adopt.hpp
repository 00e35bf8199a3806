#pragma once

#include <cstdint>
#include <string>

#include "postgres/connection.hpp"

namespace observerd::source {

/// What adopt() has done.
struct Adoption {
  bool needed = false;  ///< false: the database was this server's already, and nothing was changed
  std::string from;     ///< system identifier of the server before, "" when not known
  std::string to;       ///< of this one, "" when it cannot be told
  std::int64_t unsettled = 0;  ///< events that will be delivered, some perhaps for a second time
};

/// Accepts a database that was restored on another server as the one to work with: from here on
/// hosts read it. One transaction, under the locks of all shards and of the outbox, for which
/// writers wait.
///
/// Every event in the outbox that the restored ledger does not call settled will be delivered. Some
/// of them may have been delivered already, by the server that the copy was made of, after the copy
/// was made: those come twice, with the same ids. See README.md, section 9.
///
/// OB018 while some host holds a shard, OB009 when a transaction that has written to the outbox
/// does not end within ten seconds. Nothing is changed then.
Result<Adoption> adopt(postgres::Connection& connection);

}  // namespace observerd::source
