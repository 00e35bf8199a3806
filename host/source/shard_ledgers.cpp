#include "source/shard_ledgers.hpp"

#include "postgres/connection.hpp"
#include "postgres/errors.hpp"

namespace observerd::source {
namespace {

constexpr const char* kUniqueViolation = "23505";

/// The row goes in only while its epoch holds the shard: after a crash of the server nobody's does.
std::string insert_statement(const std::string& schema) {
  const std::string columns = ledger_row_columns();
  return "INSERT INTO " + schema + ".ledger (" + columns + ") SELECT f.* FROM (VALUES ";
}

std::string insert_condition(const std::string& schema) {
  return ") AS f (" + ledger_row_columns() + ") JOIN " + schema +
         ".ledger_lease AS l ON l.shard = f.shard AND l.epoch = f.epoch";
}

Status lease_lost() {
  return Status::error(Code::LeaseLost, "the shard was taken over, or the server has crashed");
}

}  // namespace

ShardLedgers::ShardLedgers(const std::string& quoted_schema, std::function<void(int)> on_lost)
    : insert_head_(insert_statement(quoted_schema)),
      insert_tail_(insert_condition(quoted_schema)),
      on_lost_(std::move(on_lost)) {}

ShardLedgers::Held* ShardLedgers::find(int shard, std::uint64_t lease) {
  const auto found = held_.find(shard);
  return found != held_.end() && found->second.ledger.lease() == lease ? &found->second : nullptr;
}

void ShardLedgers::taken_over(const LedgerRow& row) {
  const std::lock_guard lock(mutex_);
  held_.erase(row.shard);
  held_.try_emplace(row.shard, row);
}

void ShardLedgers::drop(int shard, std::uint64_t lease) {
  const std::lock_guard lock(mutex_);
  if (find(shard, lease) != nullptr) held_.erase(shard);
}

bool ShardLedgers::read(int shard, std::uint64_t lease, Progress progress,
                        std::span<const std::int64_t> ids) {
  const std::lock_guard lock(mutex_);
  Held* held = find(shard, lease);
  if (held != nullptr) held->ledger.read(std::move(progress), ids);
  return held != nullptr;
}

bool ShardLedgers::read_again(int shard, std::uint64_t lease, std::span<const std::int64_t> ids,
                              std::int64_t through) {
  const std::lock_guard lock(mutex_);
  Held* held = find(shard, lease);
  if (held != nullptr) held->ledger.read_again(ids, through);
  return held != nullptr;
}

std::optional<ShardLedgers::View> ShardLedgers::view(int shard) const {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(shard);
  if (found == held_.end()) return std::nullopt;
  const ShardLedger& ledger = found->second.ledger;
  return View{ledger.lease(), ledger.read_to(), ledger.unsettled(), found->second.flushes,
              ledger.clean()};
}

bool ShardLedgers::holds(int shard, std::uint64_t lease) const {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(shard);
  return found != held_.end() && found->second.ledger.lease() == lease;
}

std::shared_ptr<LedgerFlush> ShardLedgers::prepare(std::span<const Settled> settled,
                                                   std::vector<std::size_t>* dropped) {
  if (dropped != nullptr) dropped->clear();
  std::shared_ptr<LedgerFlush> abandoned;
  {
    const std::lock_guard lock(mutex_);
    abandoned.swap(unfinished_);
  }
  // A generation whose fate nobody has told must not be followed by the next one.
  if (abandoned) give_up(*abandoned);

  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < settled.size(); ++i) {
    if (Held* held = find(settled[i].shard, settled[i].lease)) {
      held->ledger.settle(settled[i].id);
    } else if (dropped != nullptr) {
      dropped->push_back(i);
    }
  }
  auto flush = std::make_shared<LedgerFlush>();
  for (auto& [shard, held] : held_) {
    if (held.ledger.dirty()) flush->rows.push_back(held.ledger.next_row());
  }
  if (flush->rows.empty()) return nullptr;
  unfinished_ = flush;
  return flush;
}

Status ShardLedgers::write(pqxx::transaction_base& transaction, const LedgerFlush& flush) {
  std::string sql = insert_head_;
  for (const LedgerRow& row : flush.rows) {
    if (&row != flush.rows.data()) sql += ',';
    sql += ledger_row_values(row);
  }
  sql += insert_tail_;
  try {
    // What is lost with it in a crash is delivered again.
    transaction.exec0("SET LOCAL synchronous_commit = off");
    if (transaction.exec0(sql).affected_rows() != flush.rows.size()) return lease_lost();
    return Status();
  } catch (...) {
    Status status = postgres::describe_current_exception();
    if (postgres::sqlstate(status) == kUniqueViolation) return lease_lost();
    return status.context("cannot write the ledger");
  }
}

void ShardLedgers::finish(const LedgerFlush& flush, const Status& outcome) {
  {
    const std::lock_guard lock(mutex_);
    if (unfinished_.get() != &flush) return;  // given up meanwhile
    unfinished_.reset();
    if (outcome.ok()) {
      for (const LedgerRow& row : flush.rows) {
        Held* held = find(row.shard, row.epoch);
        if (held == nullptr) continue;
        held->ledger.written();
        ++held->flushes;
      }
      return;
    }
  }
  give_up(flush);
}

void ShardLedgers::give_up(const LedgerFlush& flush) {
  std::vector<int> lost;
  {
    const std::lock_guard lock(mutex_);
    for (const LedgerRow& row : flush.rows) {
      if (find(row.shard, row.epoch) == nullptr) continue;
      held_.erase(row.shard);
      lost.push_back(row.shard);
    }
  }
  for (const int shard : lost) on_lost_(shard);
}

}  // namespace observerd::source
