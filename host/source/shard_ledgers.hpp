#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "source/ledger.hpp"
#include "source/shard_ledger.hpp"

namespace observerd::source {

struct LedgerFlush {
  std::vector<LedgerRow> rows;  // by shard
};

/// The ledger of the shards that this host holds: readers record what they read, the settling
/// thread what was settled and writes it down. Thread-safe. One flush at a time: preparing the next
/// one before finish() gives up what the unfinished one wrote.
class ShardLedgers final : public Ledger {
 public:
  /// `quoted_schema`: where the ledger's tables are. `on_lost`: called, from the thread that found
  /// out, when a lease was given up here; the reader of the shard has to take it over again.
  ShardLedgers(const std::string& quoted_schema, std::function<void(int shard)> on_lost);

  // For the readers. The bools are false when the lease is gone, and nothing was recorded then.
  void taken_over(const LedgerRow& row);
  void drop(int shard, std::uint64_t lease);
  bool read(int shard, std::uint64_t lease, Progress progress, std::span<const std::int64_t> ids);
  bool read_again(int shard, std::uint64_t lease, std::span<const std::int64_t> ids,
                  std::int64_t through);

  struct View {
    std::uint64_t lease = 0;
    std::int64_t read_to = 0;
    std::size_t unsettled = 0;
    std::int64_t flushes = 0;  ///< rows written under this lease
    bool clean = false;        ///< see ShardLedger::clean
  };
  /// nullopt when the shard is not held.
  std::optional<View> view(int shard) const;

  // Ledger
  std::shared_ptr<LedgerFlush> prepare(std::span<const Settled> settled,
                                       std::vector<std::size_t>* dropped) override;
  Status write(pqxx::transaction_base& transaction, const LedgerFlush& flush) override;
  void finish(const LedgerFlush& flush, const Status& outcome) override;
  bool holds(int shard, std::uint64_t lease) const override;

 private:
  struct Held {
    explicit Held(const LedgerRow& row) : ledger(row) {}
    ShardLedger ledger;
    std::int64_t flushes = 0;
  };

  /// Null when that lease is not held. Under mutex_.
  Held* find(int shard, std::uint64_t lease);
  void give_up(const LedgerFlush& flush);

  const std::string insert_head_;
  const std::string insert_tail_;
  const std::function<void(int)> on_lost_;
  mutable std::mutex mutex_;
  std::map<int, Held> held_;
  std::shared_ptr<LedgerFlush> unfinished_;
};

}  // namespace observerd::source
