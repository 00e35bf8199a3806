#include "source/balance.hpp"

#include <algorithm>

#include "source/locks.hpp"

namespace observerd::source {

Result<Roster> read_roster(postgres::Connection& connection, int shards) {
  Roster roster;
  const std::string willing = std::to_string(kWillingKey);
  const std::string query =
      "SELECT l.pid, pg_backend_pid(), l.objid::bigint FROM pg_locks AS l"
      " WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted"
      " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
      " AND l.classid::bigint = (" +
      connection.quoted_schema() +
      ".lock_class()::bigint & 4294967295) AND (l.objid::bigint = " + willing +
      " OR l.objid::bigint < " + std::to_string(shards) +
      ") UNION ALL SELECT NULL, pg_backend_pid(), NULL ORDER BY 1";
  const Status status = connection.run([&](pqxx::nontransaction& transaction) {
    for (const pqxx::row& row : transaction.exec(query)) {
      roster.own = row[1].as<int>();
      if (row[0].is_null()) continue;
      const auto key = row[2].as<int>();
      if (key == kWillingKey) {
        roster.hosts.push_back(row[0].as<int>());
      } else {
        roster.held.insert(key);
      }
    }
    return Status();
  });
  if (!status.ok()) return status;
  return roster;
}

int share_of(std::size_t rank, std::size_t hosts, int shards) {
  if (rank >= hosts) return 0;
  const auto all = static_cast<std::size_t>(shards);
  return static_cast<int>(all / hosts + (rank < all % hosts ? 1 : 0));
}

std::vector<bool> balance(const Roster& roster, const std::vector<Claim>& claims) {
  const std::size_t shards = claims.size();
  const auto own = std::find(roster.hosts.begin(), roster.hosts.end(), roster.own);
  const auto rank = static_cast<std::size_t>(own - roster.hosts.begin());
  int room = share_of(rank, roster.hosts.size(), static_cast<int>(shards));

  std::vector<bool> wanted(shards, false);
  const auto keep = [&](bool owned) {
    for (std::size_t shard = 0; shard < shards && room > 0; ++shard) {
      const Claim& claim = claims[shard];
      if (!claim.wanted || claim.refused || claim.owned != owned) continue;
      wanted[shard] = true;
      --room;
    }
  };
  keep(true);
  keep(false);
  // Hosts that start together begin in different places, so that they seldom want the same one.
  const std::size_t start = roster.hosts.empty() ? 0 : rank * shards / roster.hosts.size();
  for (std::size_t i = 0; i < shards && room > 0; ++i) {
    const std::size_t shard = (start + i) % shards;
    if (wanted[shard] || roster.held.count(static_cast<int>(shard)) > 0) continue;
    wanted[shard] = true;
    --room;
  }
  return wanted;
}

}  // namespace observerd::source
