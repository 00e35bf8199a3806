#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace observerd::source {

/// A value of PostgreSQL's type pg_snapshot, "xmin:xmax:xip,…": which transactions had ended when
/// it was taken. Ids are xid8, they never wrap around. A plain value.
struct Snapshot {
  std::uint64_t xmin = 1;
  std::uint64_t xmax = 1;          ///< every transaction from here on had not ended
  std::vector<std::uint64_t> xip;  ///< below xmax and in progress, ascending

  /// The snapshot that sees no transaction at all (the default value): where a new shard begins.
  /// pg_snapshot_in accepts it.
  bool sees_nothing() const { return xmax <= 1; }

  /// True when the transaction had ended. Same as pg_visible_in_snapshot(xid, snapshot).
  bool sees(std::uint64_t xid) const;

  std::string to_string() const;
  bool operator==(const Snapshot&) const = default;
};

/// Reads the text form. OB019 when it is none: the ledger is damaged.
Result<Snapshot> parse_snapshot(std::string_view text);

}  // namespace observerd::source
