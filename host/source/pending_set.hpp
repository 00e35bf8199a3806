#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>

#include "source/id_ranges.hpp"

namespace observerd::source {

/// The outbox ids of one shard that were read and are not settled yet. Its size is bounded by what
/// is in flight, never by what was settled since the oldest one. Not thread-safe.
///
/// As ranges it is exact with regard to rows that were *read*: a range holds no id that was read
/// and settled. It may run over ids that were not read (of other shards, of transactions still in
/// progress), so whoever reads a range again keeps to the rows that were read. That is what makes
/// ten thousand events in flight one range instead of ten thousand.
class PendingSet {
 public:
  PendingSet() = default;
  /// After a takeover: `left` was read under an earlier lease and is not settled. `highest_read`:
  /// no greater id was read.
  PendingSet(IdRanges left, std::int64_t highest_read);

  /// A page of a window, ascending. Its ids were not read before.
  void add(std::span<const std::int64_t> page);
  /// A page of what the takeover left, ascending: every row of it up to the id `through`. The pages
  /// come in order, and before the first add().
  void add_again(std::span<const std::int64_t> page, std::int64_t through);
  /// False when the id is not pending.
  bool settle(std::int64_t id);

  /// The ranges that the takeover left and add_again has not passed yet; the first one may be
  /// passed in part.
  const IdRanges& left() const { return left_; }
  /// Ids read under this lease and not settled.
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0 && left_.empty(); }
  /// The greatest id read so far.
  std::int64_t highest_read() const { return highest_; }

  IdRanges ranges() const;

 private:
  struct Entry {
    std::int64_t id = 0;
    bool joined = false;   ///< no row between the entry before and this one was read
    bool settled = false;  ///< still here only because entries around it are not
  };

  void insert_between(std::int64_t id);
  void drop_settled();

  std::deque<Entry> entries_;  // ascending
  std::size_t size_ = 0;       // of them not settled
  std::int64_t highest_ = 0;
  IdRanges left_;
  std::int64_t read_through_ = 0;  // of left_, add_again has passed the ids up to here
  std::int64_t last_again_ = 0;    // the id that add_again added last
};

}  // namespace observerd::source
