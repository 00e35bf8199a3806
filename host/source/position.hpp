#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "source/snapshot.hpp"

namespace observerd::source {

/// A place in the stream: (S, H, late), see README.md. A plain value.
///
/// Made in this order: `sequence` is read; a transaction with an xid of its own commits (the
/// fence); `snapshot` is taken; `top` is read.
struct Position {
  Snapshot snapshot;          ///< S
  std::int64_t sequence = 0;  ///< H: transactions from snapshot.xmax on have only greater ids
  std::int64_t top = 0;       ///< transactions that the snapshot sees have no greater id
  /// Per transaction of snapshot.xip, same order: it has only ids greater than this.
  std::vector<std::int64_t> floors;

  bool operator==(const Position&) const = default;
};

/// How far reading has come: every row of the windows before `base` was read, and of the window
/// from `base` to `target`, when one is open, every row with an id up to `cursor`.
struct Progress {
  Position base;
  std::optional<Position> target;
  std::int64_t cursor = 0;

  bool operator==(const Progress&) const = default;
};

/// What a cheap look at the database shows. No transaction id is used up for it.
struct Look {
  std::int64_t sequence = 0;
  Snapshot snapshot;
};

/// The least id floor of what is unread at `base` and has ended since: a transaction that `base`
/// does not see and `later` does has only ids greater than this.
std::int64_t least_floor(const Position& base, const Snapshot& later);

/// True when a window from `base` may hold rows: ids were given out since, or a transaction that
/// was late at `base` has ended and can have an id in (its floor, base.sequence].
bool has_news(const Position& base, const Look& look);

/// The position after `base`. `sequence`, `snapshot`, `top` were read in the order that Position
/// demands. A transaction that is in progress for the first time gets the floor base.sequence: it
/// had no xid yet, so no id, when that was read.
Position next_position(const Position& base, std::int64_t sequence, Snapshot snapshot,
                       std::int64_t top);

/// Every row of the window from `base` to `target` has an id greater than this.
std::int64_t window_start(const Position& base, const Position& target);

}  // namespace observerd::source
