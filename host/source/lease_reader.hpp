#pragma once

#include <functional>
#include <optional>

#include "postgres/connection.hpp"
#include "source/interrupt.hpp"
#include "source/pages.hpp"
#include "source/positions.hpp"
#include "source/shard_ledgers.hpp"
#include "source/source.hpp"
#include "source/takeover.hpp"

namespace observerd::source {

/// What a reader needs and does not own.
struct ReaderParts {
  const Options& options;
  RowSink& sink;
  ShardLedgers& ledgers;
  const Positions& positions;
};

/// What a reader does, told after each answer of the database and before rows are handed on.
enum class Reading : unsigned char {
  Idle,  ///< there was nothing to read
  Busy,
  HandingOn,
};

/// Reads one shard under one lease: first what earlier leases left unsettled, then one window after
/// the other, asleep where there is nothing to read. Lives as long as the lease, on one thread.
class LeaseReader {
 public:
  /// `taken`: what take_over returned; ledgers know it already.
  LeaseReader(const ReaderParts& parts, postgres::Connection& connection, Interrupt& interrupt,
              const LedgerRow& taken, std::function<void(Reading)> tell);

  /// Until reading is to stop or the shard to be left, the lease is given up or the sink takes no
  /// more (all ok), or the connection fails.
  Status run();
  /// The sink takes no more rows: the host is closing.
  bool refused() const { return refused_; }

 private:
  /// False when reading has to end here; then no further statement may run, see Interrupt.
  bool reading() const;
  Status read_left();
  Status read_windows();
  Status open_window(const Look& look);
  Status read_window_page();
  Result<Page> fetch(const std::function<Result<Page>()>& read);
  void deliver(Page page);

  /// Waits until there is news; nullopt when reading has to end.
  Result<std::optional<Look>> wait_for_news();
  Result<std::optional<Look>> sleep_and_unlock();
  Result<std::optional<Look>> sleep();
  Status sweep();

  const ReaderParts& parts_;
  postgres::Connection& connection_;
  Interrupt& interrupt_;
  const int shard_;
  const std::uint64_t lease_;
  const std::int64_t first_generation_;
  IdRanges left_;
  Progress progress_;
  PageSizer sizer_;
  std::function<void(Reading)> tell_;
  bool refused_ = false;                  // the sink takes no more rows
  std::optional<std::int64_t> swept_at_;  // flushes; unset: not yet under this lease
  LedgerSweeper sweeper_;
};

}  // namespace observerd::source
