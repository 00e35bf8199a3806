#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "postgres/connection.hpp"

namespace observerd::source {

/// Which hosts are willing to read, and which shards are held, at one moment.
struct Roster {
  std::vector<int> hosts;  ///< backend pids of their coordinators, ascending
  int own = 0;             ///< ours, among them when we are willing
  std::set<int> held;      ///< shards whose lease some connection has, ours included
};
Result<Roster> read_roster(postgres::Connection& connection, int shards);

/// How many of `shards` the host number `rank` of `hosts` is to read. The shares differ by one at
/// most and add up to all shards.
int share_of(std::size_t rank, std::size_t hosts, int shards);

/// What a host does about one shard.
struct Claim {
  bool wanted = false;   ///< its reader has the lease, or tries to get it
  bool owned = false;    ///< it has it
  bool refused = false;  ///< it was told that another host has it
};

/// Which shards a host should want next. `claims` has one entry a shard. Pure. A host that follows
/// it, as the others do, gets to its share and stays there:
/// - it gives back what it has above its share, and takes free shards up to it;
/// - the order of hosts, which decides who has one shard more where they do not divide evenly, is
///   that of their pids, so nearly always of their coming: who comes last moves no others.
std::vector<bool> balance(const Roster& roster, const std::vector<Claim>& claims);

}  // namespace observerd::source
