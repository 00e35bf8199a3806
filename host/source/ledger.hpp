#pragma once

#include <cstdint>
#include <memory>
#include <pqxx/pqxx>
#include <span>
#include <vector>

#include "base/status.hpp"

namespace observerd::source {

/// One event that is done: delivered, scheduled, dead-lettered, logged, or matched by nobody.
struct Settled {
  int shard = 0;
  std::uint64_t lease = 0;  ///< the epoch under which the row was read
  std::int64_t id = 0;      ///< outbox id; 0 only proves the lease (work on parked deliveries)
};

/// What one flush writes for the shards it touches; made by prepare, opaque to the caller.
struct LedgerFlush;

/// Keeps, per owned shard, what was read and what of it is not settled yet, and writes that as
/// append-only ledger rows. Thread-safe.
///
/// A flush is: prepare -> write inside a transaction together with everything that depends on the
/// settled events -> finish with the outcome of the commit. Inserting the next generation of a
/// shard is a compare-and-set: when another host has taken the shard, write fails with OB018 and
/// nothing of the transaction takes effect.
class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Entries of a lease that is no longer held are dropped: `dropped` (when given) gets the
  /// indices. nullptr when there is nothing to write: nothing settled and no shard has moved.
  virtual std::shared_ptr<LedgerFlush> prepare(std::span<const Settled> settled,
                                               std::vector<std::size_t>* dropped) = 0;
  virtual Status write(pqxx::transaction_base& transaction, const LedgerFlush& flush) = 0;
  /// After the commit, or the failure (then every lease in the flush is given up and its shard read
  /// again from the database, since the fate of a commit may be unknown).
  virtual void finish(const LedgerFlush& flush, const Status& outcome) = 0;

  virtual bool holds(int shard, std::uint64_t lease) const = 0;
};

}  // namespace observerd::source
