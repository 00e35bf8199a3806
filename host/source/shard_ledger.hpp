#pragma once

#include <cstdint>
#include <span>

#include "source/ledger_row.hpp"
#include "source/pending_set.hpp"

namespace observerd::source {

/// What one lease of one shard has read and settled, in memory: the ledger row to come. Knows no
/// database. Not thread-safe.
class ShardLedger {
 public:
  /// `taken`: the row that the takeover wrote.
  explicit ShardLedger(const LedgerRow& taken);

  std::uint64_t lease() const { return epoch_; }
  const Progress& progress() const { return progress_; }
  /// Read under earlier leases, not settled, not yet read again.
  const IdRanges& left() const { return pending_.left(); }
  std::int64_t read_to() const { return pending_.highest_read(); }
  std::size_t unsettled() const { return pending_.size(); }

  /// Rows were read, and reading has come to `progress`. Comes before anybody else sees the rows.
  void read(Progress progress, std::span<const std::int64_t> ids);
  /// Of left(), every row up to the id `through` was read again: these.
  void read_again(std::span<const std::int64_t> ids, std::int64_t through);
  /// `id` 0 only asks for a row, as proof of the lease.
  void settle(std::int64_t id);

  /// True when the newest row does not say how things are.
  bool dirty() const { return dirty_; }
  /// True when everything read is settled and the newest row says so.
  bool clean() const { return !dirty_ && !in_flight_ && pending_.empty(); }
  /// The next row, to be written now: written() says that it was. Its fate being unknown, the whole
  /// object has to be thrown away.
  LedgerRow next_row();
  void written();

 private:
  int shard_;
  std::int64_t generation_;
  std::uint64_t epoch_;
  Progress progress_;
  PendingSet pending_;
  bool dirty_ = false;
  bool in_flight_ = false;
};

}  // namespace observerd::source
