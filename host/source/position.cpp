#include "source/position.hpp"

#include <algorithm>

namespace observerd::source {

std::int64_t least_floor(const Position& base, const Snapshot& later) {
  std::int64_t least = base.sequence;
  for (std::size_t i = 0; i < base.snapshot.xip.size(); ++i) {
    if (later.sees(base.snapshot.xip[i])) least = std::min(least, base.floors[i]);
  }
  return least;
}

bool has_news(const Position& base, const Look& look) {
  // A late transaction whose floor is the sequence of `base` has ids above it only, and there are
  // none: without this, the transactions of other databases of the server would keep us busy.
  return look.sequence != base.sequence || least_floor(base, look.snapshot) < base.sequence;
}

Position next_position(const Position& base, std::int64_t sequence, Snapshot snapshot,
                       std::int64_t top) {
  Position next;
  next.snapshot = std::move(snapshot);
  next.sequence = sequence;
  next.top = top;
  next.floors.reserve(next.snapshot.xip.size());
  const std::vector<std::uint64_t>& known = base.snapshot.xip;
  for (const std::uint64_t xid : next.snapshot.xip) {
    const auto at = std::lower_bound(known.begin(), known.end(), xid);
    const bool seen_before = at != known.end() && *at == xid;
    next.floors.push_back(seen_before ? base.floors[static_cast<std::size_t>(at - known.begin())]
                                      : base.sequence);
  }
  return next;
}

std::int64_t window_start(const Position& base, const Position& target) {
  return least_floor(base, target.snapshot);
}

}  // namespace observerd::source
