#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/status.hpp"
#include "postgres/connection.hpp"
#include "source/ledger.hpp"
#include "store/records.hpp"
#include "store/store.hpp"

namespace observerd::delivery {

/// An event, or a parked delivery, that is through: what it leaves behind in the database.
struct Settlement {
  int shard = 0;
  std::uint64_t lease = 0;     ///< under which it was read
  std::int64_t outbox_id = 0;  ///< 0 for parked work, whose event is settled already
  std::vector<store::Write> writes;
  /// Called once, on the settler's thread: ok after the commit; OB018 when the lease is gone, so
  /// that nothing of it was written and whoever holds the shard does it again; else why the flush
  /// failed. May call submit(), nothing else of the settler. May be empty.
  std::function<void(const Status&)> done;
};

/// Writes settlements and the ledger in one transaction, many at a time: both take effect or
/// neither, so a crash repeats a delivery and never loses one. That is also why its session
/// commits asynchronously.
///
/// Group commit: while one flush runs, the next one collects. A flush begins `flush_interval` after
/// the last one began, at once when that is past. With nothing to settle the ledger is still asked
/// for positions that moved: each `position_interval` while they do, else each `idle_interval`.
///
/// When a flush fails:
/// - because of the data of a settlement: the flush is made again in halves, until the bad one is
///   alone. That one is filed as a bad row (OB020), or, when it is parked work, held in the retry
///   schedule; the others are written.
/// - otherwise, but rolled back for certain (disk full, no permission, a deadlock): tried again
/// with
///   back-off for as long as its leases are held. Giving them up would deliver everything again,
///   and again at each try.
/// - the connection is lost or the commit's fate unknown: the ledger gives the leases of the flush
///   up (their shards are read again from the database), and a new connection is made, with
///   back-off. What comes in for a lease that is gone is handed back at once, so that nothing
///   piles up while the database is away.
///
/// submit() never blocks: there is no bound here, since every settlement was admitted by the bounds
/// of the dispatcher, which end with done(). Thread-safe.
class Settler {
 public:
  struct Options {
    postgres::Options database;
    Milliseconds flush_interval{2};
    Milliseconds position_interval{20};
    Milliseconds idle_interval{1000};
    /// Of one flush; a larger single settlement is a flush of its own.
    std::size_t max_settlements = 1000;
    std::size_t max_bytes = std::size_t{16} << 20;
  };

  /// `report` is told, on the settler's thread, of failed flushes, lost connections and bad rows.
  Settler(Options options, source::Ledger& ledger, std::function<void(const Status&)> report);
  ~Settler();
  Settler(const Settler&) = delete;
  Settler& operator=(const Settler&) = delete;

  /// The first event that will still write a row of an ordering key, apart from those that are
  /// being settled (ascending outbox ids): see store::ReleaseLimit. Asked on the settler's thread;
  /// nobody limits until this is called, before the first submit.
  using Unwritten = std::function<std::int64_t(const std::string& ordering_key,
                                               std::span<const std::int64_t> settling)>;
  void limit_release(Unwritten first_unwritten);

  void submit(Settlement settlement);
  /// Settlements whose done() has not been called yet.
  std::size_t backlog() const { return backlog_.load(std::memory_order_relaxed); }
  /// Settled since the start, written or filed as bad. For metrics.
  std::uint64_t settled() const { return settled_.load(std::memory_order_relaxed); }

  /// Waits until done() was called for everything submitted before, and positions that had moved
  /// are written. OB019 after `timeout`.
  Status flush(Milliseconds timeout);
  /// Writes what is there, unless the database is away, and ends the thread. What could not be
  /// written, and submit() afterwards, gets an error in done() at once.
  void stop();

 private:
  struct Queued {
    std::uint64_t number = 0;  ///< from 1, in the order of submit()
    Settlement settlement;
    std::size_t bytes = 0;
  };
  /// What one flush writes; the writes of settlement i are [ends[i-1], ends[i]).
  struct Batch {
    std::vector<Settlement> settlements;
    std::vector<store::Write> writes;
    std::vector<std::size_t> ends;
    std::vector<std::int64_t> outbox_ids;  ///< of the settlements, ascending
    store::ReleaseLimit limit;
  };

  void run();
  /// Waits for work; gives it, perhaps empty. `ticket`: which calls of flush() saw it begin.
  std::vector<Settlement> next(std::uint64_t* ticket);
  std::vector<Settlement> take();
  void cycle(std::vector<Settlement> settlements);
  void set_limit(Batch& batch);
  Status write(Batch& batch, const source::LedgerFlush& flush);
  Status write_apart(pqxx::work& transaction, const Batch& batch, std::size_t from, std::size_t to);
  Status set_aside(pqxx::work& transaction, const Batch& batch, std::size_t index,
                   const Status& problem);
  bool any_lease_held(const Batch& batch) const;
  Status connect();
  /// Hands back what is queued for leases that are gone, or everything.
  void shed(bool everything, const Status& outcome);
  void finish(Settlement& settlement, const Status& outcome);
  /// Under mutex_, after settlements were finished.
  void note_handled();
  /// False when the settler is stopping.
  bool pause(Milliseconds time);

  const Options options_;
  source::Ledger& ledger_;
  const std::function<void(const Status&)> report_;

  std::atomic<std::size_t> backlog_{0};
  std::atomic<std::uint64_t> settled_{0};

  mutable std::mutex mutex_;
  std::condition_variable wake_;     // the thread waits
  std::condition_variable flushed_;  // flush() waits
  std::deque<Queued> queue_;
  Unwritten first_unwritten_;
  std::uint64_t submitted_ = 0;    // number of the last one
  std::uint64_t handled_ = 0;      // all up to this number are done with
  std::uint64_t flush_asked_ = 0;  // calls of flush()
  std::uint64_t flush_done_ = 0;   // of which a whole flush ran since
  bool stopping_ = false;
  bool stopped_ = false;

  // The thread's own.
  std::unique_ptr<postgres::Connection> connection_;
  SteadyTime last_flush_{};
  bool positions_move_ = true;

  std::thread thread_;  // last: everything else is there when it starts
};

}  // namespace observerd::delivery
