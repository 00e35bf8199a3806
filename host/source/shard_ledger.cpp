#include "source/shard_ledger.hpp"

#include <algorithm>

namespace observerd::source {

ShardLedger::ShardLedger(const LedgerRow& taken)
    : shard_(taken.shard),
      generation_(taken.generation),
      epoch_(taken.epoch),
      progress_(taken.progress),
      pending_(taken.pending, std::max(taken.progress.base.top, taken.progress.cursor)) {}

void ShardLedger::read(Progress progress, std::span<const std::int64_t> ids) {
  progress_ = std::move(progress);
  pending_.add(ids);
  dirty_ = true;
}

void ShardLedger::read_again(std::span<const std::int64_t> ids, std::int64_t through) {
  pending_.add_again(ids, through);
  dirty_ = true;
}

void ShardLedger::settle(std::int64_t id) {
  if (id != 0) pending_.settle(id);
  dirty_ = true;
}

LedgerRow ShardLedger::next_row() {
  dirty_ = false;
  in_flight_ = true;
  return {shard_, generation_ + 1, epoch_, false, progress_, pending_.ranges()};
}

void ShardLedger::written() {
  ++generation_;
  in_flight_ = false;
}

}  // namespace observerd::source
