#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "source/source.hpp"
#include "support/eventually.hpp"
#include "support/postgres.hpp"

namespace observerd::source {

/// A row as some host got it.
struct Seen {
  int host = 0;
  std::uint64_t lease = 0;
  OutboxRow row;
  bool after_settled = false;  ///< it had been acknowledged before
};

/// Everything that the hosts of a test got, in order. Thread-safe.
class Journal {
 public:
  void add(int host, std::uint64_t lease, const std::vector<OutboxRow>& rows);
  /// These were settled, and the ledger says so.
  void acknowledge(const std::vector<Settled>& settled);
  std::vector<Seen> all() const;
  std::size_t size() const;
  std::vector<std::int64_t> ids() const;
  /// False when it takes longer than 20 seconds.
  bool wait_for(std::size_t rows) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Seen> seen_;
  std::set<std::int64_t> settled_;
};

/// A host that delivers into a journal: a source, and a thread that settles what was delivered.
class TestHost final : public RowSink {
 public:
  struct Behaviour {
    Milliseconds poll_interval{100};
    int page_rows = 100;
    int shards = 4;
    /// Rows wait this long, at random, before they are settled, so in any order.
    Milliseconds settle_within{0};
    std::uint32_t seed = 1;
    std::int64_t segment_bytes = 1 << 30;
    Milliseconds maintenance_interval{1000};
    Milliseconds balance_interval{30};
  };

  TestHost(const std::string& url, int number, Journal& journal, Behaviour behaviour);
  TestHost(const std::string& url, int number, Journal& journal)
      : TestHost(url, number, journal, Behaviour()) {}
  TestHost(const Options& options, int number, Journal& journal)
      : TestHost(options, number, journal, Behaviour()) {}
  /// Abrupt: what is not settled yet never will be by this host.
  ~TestHost() override;

  Source& source() { return *source_; }
  /// Rows are delivered and not settled while it is true.
  void hold_settling(bool hold) { hold_ = hold; }
  /// on_rows blocks while it is true.
  void block_rows(bool block);
  /// As SIGSTOP: the settling thread sits in the middle of a flush, after prepare.
  void stall_flushes(bool stall) { stall_ = stall; }

  bool wait_until_drained();
  bool wait_until_owned(int shards);
  int owned() const;
  int lost() const { return lost_; }
  Status last_failure() const;

 private:
  TestHost(Options options, int number, Journal& journal, Behaviour behaviour);
  static Options options_for(const std::string& url, const Behaviour& behaviour);

  Status on_acquired(int shard, std::uint64_t lease, postgres::Connection& connection) override;
  bool on_rows(int shard, std::uint64_t lease, std::vector<OutboxRow> rows) override;
  void on_lost(int shard, std::uint64_t lease) override;

  struct Due {
    SteadyTime at;
    Settled settled;
  };
  void settle();
  std::vector<Settled> take_due();
  void flush(std::unique_ptr<postgres::Connection>& connection);

  const std::string url_;
  const int number_;
  Journal& journal_;
  const Behaviour behaviour_;
  std::atomic<bool> ending_{false}, hold_{false}, stall_{false};
  std::atomic<int> lost_{0};
  mutable std::mutex mutex_;
  std::condition_variable unblocked_;
  bool blocked_ = false;
  std::minstd_rand random_;
  std::vector<Due> due_;
  Status last_failure_;
  std::unique_ptr<Source> source_;
  std::thread settler_;
};

using testing::eventually;

/// A table `account` with `rows` rows (id, n), captured as entity "Account" by a row trigger.
void make_accounts(const std::string& url, int rows);

}  // namespace observerd::source
