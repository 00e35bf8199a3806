#include "delivery/settler.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "postgres/errors.hpp"
#include "store/store.hpp"

namespace observerd::delivery {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds kFirstBackoff{50};
constexpr Milliseconds kLastBackoff{5'000};
/// How long settlements of lost leases may lie about while there is no connection.
constexpr Milliseconds kShedInterval{50};

Milliseconds longer(Milliseconds backoff) {
  return std::min(backoff * 2, kLastBackoff);
}

std::size_t event_bytes(const Event& event) {
  return event.new_text.size() + event.old_text.size();
}

/// Roughly what a write sends to the server; the texts that users can make large.
std::size_t bytes_of(const store::Write& write) {
  struct Visitor {
    std::size_t operator()(const store::Park& w) const { return event_bytes(*w.delivery.event); }
    std::size_t operator()(const store::Unpark& /*w*/) const { return 0; }
    std::size_t operator()(const store::Bury& w) const { return event_bytes(*w.letter.event); }
    std::size_t operator()(const store::FinishRedrive& /*w*/) const { return 0; }
    std::size_t operator()(const store::LogEvent& w) const { return event_bytes(*w.event); }
    std::size_t operator()(const store::ParkBadRow& w) const { return w.row_text.size(); }
  };
  return 256 + std::visit(Visitor{}, write);
}

/// The event that a write speaks of; nullptr when it names none.
const Event* event_of(const store::Write& write) {
  if (const auto* park = std::get_if<store::Park>(&write)) return park->delivery.event.get();
  if (const auto* bury = std::get_if<store::Bury>(&write)) return bury->letter.event.get();
  if (const auto* log = std::get_if<store::LogEvent>(&write)) return log->event.get();
  return nullptr;
}

/// Errors that the values of a row cause, and that it would cause again: data exception, integrity
/// constraint, and a limit of the server (an index entry, a jsonb too large).
bool data_error(const Status& status) {
  const std::string state = postgres::sqlstate(status).substr(0, 2);
  return state == "22" || state == "23" || state == "54";
}

Status lease_lost() {
  return Status::error(Code::LeaseLost, "the lease under which this was read is gone");
}

Status ended() {
  return Status::error(Code::Storage, "the settler has ended");
}

}  // namespace

Settler::Settler(Options options, source::Ledger& ledger, std::function<void(const Status&)> report)
    : options_(std::move(options)),
      ledger_(ledger),
      report_(report ? std::move(report) : [](const Status&) {}),
      thread_([this] { run(); }) {}

Settler::~Settler() {
  stop();
}

void Settler::submit(Settlement settlement) {
  std::size_t bytes = 0;
  for (const store::Write& write : settlement.writes) bytes += bytes_of(write);
  backlog_.fetch_add(1, std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_) {
      queue_.push_back({++submitted_, std::move(settlement), bytes});
      // The thread looks at the queue by itself after each flush.
      const std::size_t size = queue_.size();
      if (size == 1 || size == options_.max_settlements) wake_.notify_one();
      return;
    }
  }
  finish(settlement, ended());
}

Status Settler::flush(Milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const std::uint64_t ticket = ++flush_asked_;
  const std::uint64_t last = submitted_;
  wake_.notify_one();
  const auto done = [&] { return flush_done_ >= ticket && handled_ >= last; };
  flushed_.wait_for(lock, timeout, [&] { return done() || stopped_; });
  if (done()) return {};
  if (stopped_) return ended();
  return Status::error(Code::Storage, "settlements are not written yet")
      .note(std::to_string(backlog()) + " settlements wait for the database");
}

void Settler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

bool Settler::pause(Milliseconds time) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [this] { return stopping_; });
}

void Settler::finish(Settlement& settlement, const Status& outcome) {
  if (outcome.ok()) settled_.fetch_add(1, std::memory_order_relaxed);
  if (settlement.done) settlement.done(outcome);
  backlog_.fetch_sub(1, std::memory_order_relaxed);
}

void Settler::note_handled() {
  handled_ = queue_.empty() ? submitted_ : queue_.front().number - 1;
  flushed_.notify_all();
}

void Settler::run() {
  Milliseconds backoff = kFirstBackoff;
  SteadyTime next_try{};
  bool stopping = false;
  while (!stopping) {
    if (connection_ == nullptr && steady_clock::now() >= next_try) {
      const Status status = connect();
      if (!status.ok()) {
        report_(status);
        next_try = steady_clock::now() + backoff;
        backoff = longer(backoff);
      } else {
        backoff = kFirstBackoff;
      }
    }
    if (connection_ == nullptr) {
      shed(false, lease_lost());
      stopping = !pause(kShedInterval);
      continue;
    }
    std::uint64_t ticket = 0;
    std::vector<Settlement> settlements = next(&ticket);
    cycle(std::move(settlements));
    const std::lock_guard lock(mutex_);
    if (connection_ != nullptr) flush_done_ = ticket;
    note_handled();
    stopping = stopping_ && (queue_.empty() || connection_ == nullptr);
  }
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  shed(true, ended());
}

std::vector<Settlement> Settler::next(std::uint64_t* ticket) {
  std::unique_lock lock(mutex_);
  const auto urgent = [this] {
    return stopping_ || flush_asked_ > flush_done_ || queue_.size() >= options_.max_settlements;
  };
  const SteadyTime look =
      last_flush_ + (positions_move_ ? options_.position_interval : options_.idle_interval);
  wake_.wait_until(lock, look, [&] { return urgent() || !queue_.empty(); });
  // What comes within the interval goes with it.
  if (!queue_.empty()) wake_.wait_until(lock, last_flush_ + options_.flush_interval, urgent);
  last_flush_ = steady_clock::now();
  *ticket = flush_asked_;
  return take();
}

std::vector<Settlement> Settler::take() {
  std::vector<Settlement> settlements;
  settlements.reserve(std::min(queue_.size(), options_.max_settlements));
  std::size_t bytes = 0;
  while (!queue_.empty() && settlements.size() < options_.max_settlements) {
    Queued& first = queue_.front();
    bytes += first.bytes;
    if (!settlements.empty() && bytes > options_.max_bytes) break;
    settlements.push_back(std::move(first.settlement));
    queue_.pop_front();
  }
  return settlements;
}

void Settler::shed(bool everything, const Status& outcome) {
  std::deque<Queued> gone;
  {
    const std::lock_guard lock(mutex_);
    std::deque<Queued> kept;
    for (Queued& queued : queue_) {
      const Settlement& settlement = queued.settlement;
      const bool goes = everything || !ledger_.holds(settlement.shard, settlement.lease);
      (goes ? gone : kept).push_back(std::move(queued));
    }
    queue_ = std::move(kept);
  }
  for (Queued& queued : gone) finish(queued.settlement, outcome);
  const std::lock_guard lock(mutex_);
  note_handled();
}

Status Settler::connect() {
  postgres::Options database = options_.database;
  database.application_name += " settler";
  Result<std::unique_ptr<postgres::Connection>> connection = postgres::Connection::open(database);
  if (!connection.ok()) return connection.status();
  connection_ = std::move(*connection);
  Status status = connection_->run([](pqxx::nontransaction& transaction) {
    transaction.exec("SET synchronous_commit = off");
    return Status();
  });
  if (!status.ok()) connection_.reset();
  return status;
}

void Settler::cycle(std::vector<Settlement> settlements) {
  std::vector<source::Settled> settled;
  settled.reserve(settlements.size());
  for (const Settlement& s : settlements) settled.push_back({s.shard, s.lease, s.outbox_id});
  std::vector<std::size_t> dropped;
  const std::shared_ptr<source::LedgerFlush> flush = ledger_.prepare(settled, &dropped);
  positions_move_ = flush != nullptr;

  std::vector<bool> is_dropped(settlements.size(), flush == nullptr);
  for (const std::size_t index : dropped) is_dropped[index] = true;
  Batch batch;
  for (std::size_t i = 0; i < settlements.size(); ++i) {
    // Without a ledger row nothing proves the lease, so nothing may be written.
    if (is_dropped[i]) {
      finish(settlements[i], lease_lost());
      continue;
    }
    std::move(settlements[i].writes.begin(), settlements[i].writes.end(),
              std::back_inserter(batch.writes));
    batch.ends.push_back(batch.writes.size());
    batch.settlements.push_back(std::move(settlements[i]));
  }
  if (flush == nullptr) return;
  set_limit(batch);

  const Status outcome = write(batch, *flush);
  ledger_.finish(*flush, outcome);
  if (!outcome.ok()) report_(outcome);
  if (connection_->broken()) connection_.reset();
  for (Settlement& settlement : batch.settlements) finish(settlement, outcome);
}

void Settler::limit_release(Unwritten first_unwritten) {
  const std::lock_guard lock(mutex_);
  first_unwritten_ = std::move(first_unwritten);
}

/// All that is settled counts as written, also what is filed as a bad row instead.
void Settler::set_limit(Batch& batch) {
  for (const Settlement& settlement : batch.settlements) {
    batch.outbox_ids.push_back(settlement.outbox_id);
  }
  std::sort(batch.outbox_ids.begin(), batch.outbox_ids.end());
  const std::lock_guard lock(mutex_);
  if (!first_unwritten_) return;
  batch.limit = [first = first_unwritten_, &batch](const std::string& key) {
    return first(key, batch.outbox_ids);
  };
}

Status Settler::write(Batch& batch, const source::LedgerFlush& flush) {
  bool apart = false;
  Milliseconds backoff = kFirstBackoff;
  while (true) {
    bool stored = false;
    Status status = connection_->transact([&](pqxx::work& transaction) {
      // The ledger comes last: rows before ledger is the order in which everybody locks, and a
      // failed attempt at the rows has not touched the flush.
      Status result = apart ? write_apart(transaction, batch, 0, batch.settlements.size())
                            : store::apply(transaction, *connection_, batch.writes, batch.limit);
      stored = result.ok();
      return stored ? ledger_.write(transaction, flush) : result;
    });
    if (status.ok() || status.code() == Code::LeaseLost || connection_->broken() ||
        postgres::fate_unknown(status)) {
      return status;
    }
    if (!stored && !apart && data_error(status)) {
      apart = true;
      continue;
    }
    if (!any_lease_held(batch)) return status;
    report_(status.context("the flush was rolled back and is tried again"));
    shed(false, lease_lost());
    if (!pause(backoff)) return status;
    backoff = longer(backoff);
  }
}

Status Settler::write_apart(pqxx::work& transaction, const Batch& batch, std::size_t from,
                            std::size_t to) {
  const std::size_t first = from == 0 ? 0 : batch.ends[from - 1];
  if (from == to || first == batch.ends[to - 1]) return {};
  // In SQL, not a pqxx::subtransaction: that one of libpqxx 6 does not begin before its first plain
  // statement, and a parameterised one is none.
  transaction.exec0("SAVEPOINT half");
  Status status =
      store::apply(transaction, *connection_,
                   std::span(batch.writes).subspan(first, batch.ends[to - 1] - first), batch.limit);
  transaction.exec0(status.ok() ? "RELEASE SAVEPOINT half"
                                : "ROLLBACK TO SAVEPOINT half; RELEASE SAVEPOINT half");
  if (status.ok()) return status;
  if (!data_error(status)) return status;
  if (to - from == 1) return set_aside(transaction, batch, from, status);
  const std::size_t middle = from + (to - from) / 2;
  const Status lower = write_apart(transaction, batch, from, middle);
  return lower.ok() ? write_apart(transaction, batch, middle, to) : lower;
}

Status Settler::set_aside(pqxx::work& transaction, const Batch& batch, std::size_t index,
                          const Status& problem) {
  const Settlement& settlement = batch.settlements[index];
  store::ParkBadRow bad;
  bad.outbox_id = settlement.outbox_id;
  bad.shard = settlement.shard;
  bad.reason = "its results could not be stored: " + problem.message() + " (SQLSTATE " +
               postgres::sqlstate(problem) + ")";
  std::vector<Uuid> deliveries;
  for (std::size_t i = index == 0 ? 0 : batch.ends[index - 1]; i < batch.ends[index]; ++i) {
    const store::Write& write = batch.writes[i];
    if (const Event* event = event_of(write); event != nullptr && bad.row_text.empty()) {
      bad.entity = event->entity;
      bad.key = event->key;
      bad.row_text = event_json(*event);
    }
    if (const auto* park = std::get_if<store::Park>(&write)) {
      deliveries.push_back(park->delivery.delivery_id);
    } else if (const auto* unpark = std::get_if<store::Unpark>(&write)) {
      deliveries.push_back(unpark->delivery_id);
    }
  }
  report_(Status::error(Code::BadEvent, bad.reason).context(bad.entity + " " + bad.key));
  if (settlement.outbox_id == 0) {
    return store::hold(transaction, *connection_, deliveries,
                       store::hold_reason(store::HoldCause::Storage, bad.reason));
  }
  const std::array<store::Write, 1> writes{std::move(bad)};
  return store::apply(transaction, *connection_, writes);
}

bool Settler::any_lease_held(const Batch& batch) const {
  return batch.settlements.empty() ||
         std::any_of(batch.settlements.begin(), batch.settlements.end(),
                     [this](const auto& s) { return ledger_.holds(s.shard, s.lease); });
}

}  // namespace observerd::delivery
