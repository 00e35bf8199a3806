#pragma once

#include <string>

#include "postgres/connection.hpp"

namespace observerd::source {

// Second halves of our two-part advisory locks; the first is the schema's lock_class(). The number
// of a shard is its lease.

/// Held exclusively by the host of a shard while it sleeps.
constexpr int wake_key(int shard) {
  return 1'000'000 + shard;
}
/// Held, shared, by every host that is willing to read.
inline constexpr int kWillingKey = 3'000'000;
/// Held by the host that tidies the outbox up, or adopts it.
inline constexpr int kMaintenanceKey = 3'000'001;

/// Prepares the statements of the functions below; once a connection.
void prepare_locks(postgres::Connection& connection);

/// Tries to get one of our session-level advisory locks; it stays until unlock, or the end of the
/// connection.
Result<bool> try_lock(postgres::Connection& connection, int key);
Status unlock(postgres::Connection& connection, int key);
/// The same, shared. Nobody takes a shared key exclusively, so it is always granted.
Status lock_shared(postgres::Connection& connection, int key);
Status unlock_shared(postgres::Connection& connection, int key);

/// Tells the coordinators of all hosts, who listen to hosts_channel(), that a host came or went or
/// a shard is free.
Status tell_hosts(postgres::Connection& connection);
std::string hosts_channel(const postgres::Connection& connection);

}  // namespace observerd::source
