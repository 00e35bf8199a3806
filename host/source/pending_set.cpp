#include "source/pending_set.hpp"

#include <algorithm>

namespace observerd::source {
namespace {

constexpr std::size_t kMinimalSweep = 64;

constexpr auto by_id = [](const auto& entry, std::int64_t id) { return entry.id < id; };

}  // namespace

PendingSet::PendingSet(IdRanges left, std::int64_t highest_read)
    : highest_(highest_read), left_(std::move(left)) {
  if (!left_.empty()) highest_ = std::max(highest_, left_.back().last);
}

void PendingSet::add(std::span<const std::int64_t> page) {
  for (const std::int64_t id : page) {
    if (id > highest_) {
      // Nothing above `highest_` was read, so nothing between it and this id.
      const bool joined = !entries_.empty() && entries_.back().id == highest_;
      entries_.push_back({id, joined, false});
      highest_ = id;
    } else {
      insert_between(id);
    }
    ++size_;
  }
}

/// The row of a late transaction: rows around it were read before.
void PendingSet::insert_between(std::int64_t id) {
  const auto after = std::lower_bound(entries_.begin(), entries_.end(), id, by_id);
  // A run that went over this id, when it had not been read, must not go over it any more.
  if (after != entries_.end()) after->joined = false;
  entries_.insert(after, {id, false, false});
}

void PendingSet::add_again(std::span<const std::int64_t> page, std::int64_t through) {
  auto range = left_.begin();
  for (const std::int64_t id : page) {
    while (range != left_.end() && range->last < id) ++range;
    // A range holds no row that was read and settled, so inside one neighbours are joined. The
    // neighbour may be gone from entries_ by now, settled.
    const bool joined = !entries_.empty() && entries_.back().id == last_again_ &&
                        range != left_.end() && last_again_ >= range->first;
    entries_.push_back({id, joined, false});
    last_again_ = id;
    ++size_;
  }
  // The first id of a range stays as it is while the range is read in parts: it tells add_again of
  // the next page that the last entry of this one belongs to the same range.
  std::erase_if(left_, [through](const IdRange& each) { return each.last <= through; });
  read_through_ = through;
}

bool PendingSet::settle(std::int64_t id) {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), id, by_id);
  if (found == entries_.end() || found->id != id || found->settled) return false;
  found->settled = true;
  --size_;
  drop_settled();
  return true;
}

void PendingSet::drop_settled() {
  while (!entries_.empty() && entries_.front().settled) entries_.pop_front();
  if (entries_.size() < kMinimalSweep || size_ * 2 > entries_.size()) return;
  // Behind one event that takes long, thousands may settle. Each sweep halves the entries at
  // least, so it costs a constant amount per settled event.
  std::deque<Entry> kept;
  bool gap = true;
  for (const Entry& entry : entries_) {
    if (!entry.settled) kept.push_back({entry.id, entry.joined && !gap, false});
    gap = entry.settled;
  }
  entries_ = std::move(kept);
}

IdRanges PendingSet::ranges() const {
  IdRanges ranges;
  bool open = false;
  for (const Entry& entry : entries_) {
    if (entry.settled) {
      open = false;
    } else if (open && entry.joined) {
      ranges.back().last = entry.id;
    } else {
      ranges.push_back({entry.id, entry.id});
      open = true;
    }
  }
  for (const IdRange& range : left_) {
    const std::int64_t first = std::max(range.first, read_through_ + 1);
    ranges.push_back({first, range.last});
  }
  return ranges;
}

}  // namespace observerd::source
