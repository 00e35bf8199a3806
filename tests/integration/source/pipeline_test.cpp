#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "test_host.hpp"

/// Hosts that die, stall and come back.
namespace observerd::source {
namespace {

using ::testing::HasSubstr;
using testing::run_sql;
using testing::scalar;

void emit(const std::string& url, int from, int to) {
  run_sql(url, "SELECT observer.emit('Note', i::text, '{}') FROM generate_series(" +
                   std::to_string(from) + ", " + std::to_string(to) + ") AS i");
}

std::set<std::int64_t> distinct(const Journal& journal) {
  const std::vector<std::int64_t> ids = journal.ids();
  return {ids.begin(), ids.end()};
}

class Pipeline : public ::testing::Test {
 protected:
  void terminate(const std::string& application) {
    run_sql(url_,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
            "application_name = '" +
                application + "'");
  }
  const std::string url_ = testing::fresh_database();
  Journal journal_;
};

TEST_F(Pipeline, AListenerThatLostItsConnectionReconnects) {
  TestHost host(url_, 1, journal_);
  ASSERT_TRUE(host.wait_until_drained());
  emit(url_, 1, 20);
  ASSERT_TRUE(journal_.wait_for(20));
  ASSERT_TRUE(host.wait_until_drained());
  terminate("host 1");
  ASSERT_TRUE(eventually([&] { return host.lost() == 4; }));
  emit(url_, 21, 40);
  ASSERT_TRUE(journal_.wait_for(40));
  ASSERT_TRUE(host.wait_until_drained());
  EXPECT_EQ(journal_.size(), 40u) << "what was settled does not come again";
  for (const ShardState& state : host.source().shards()) EXPECT_EQ(state.lease, 2u);
}

TEST_F(Pipeline, ALostConnectionVoidsTheLeaseAtOnce) {
  TestHost host(url_, 1, journal_);
  ASSERT_TRUE(host.wait_until_drained());
  host.hold_settling(true);
  emit(url_, 1, 20);
  ASSERT_TRUE(journal_.wait_for(20));
  terminate("host 1");
  ASSERT_TRUE(eventually([&] { return host.lost() == 4; }));
  host.hold_settling(false);  // of leases that are gone: dropped
  ASSERT_TRUE(journal_.wait_for(40));
  ASSERT_TRUE(host.wait_until_drained());
  EXPECT_EQ(journal_.size(), 40u);
  EXPECT_EQ(distinct(journal_).size(), 20u);
}

TEST_F(Pipeline, OfTwoHostsOneDiesAndTheOtherTakesOver) {
  auto first = std::make_unique<TestHost>(url_, 1, journal_);
  ASSERT_TRUE(first->wait_until_drained());
  TestHost second(url_, 2, journal_);
  ASSERT_TRUE(eventually([&] { return first->owned() == 2 && second.owned() == 2; }));
  emit(url_, 1, 100);
  ASSERT_TRUE(eventually([&] { return distinct(journal_).size() == 100; }));
  first.reset();
  ASSERT_TRUE(second.wait_until_owned(4));
  emit(url_, 101, 200);
  ASSERT_TRUE(eventually([&] { return distinct(journal_).size() == 200; }));
  ASSERT_TRUE(second.wait_until_drained());
}

TEST_F(Pipeline, AStalledHostIsFenced) {
  TestHost first(url_, 1, journal_);
  ASSERT_TRUE(first.wait_until_drained());
  first.hold_settling(true);
  emit(url_, 1, 50);
  ASSERT_TRUE(journal_.wait_for(50));
  first.stall_flushes(true);
  first.hold_settling(false);
  emit(url_, 51, 51);  // so that a flush is prepared
  ASSERT_TRUE(eventually([&] { return distinct(journal_).size() == 51; }));
  // Its connections end, as they do when a machine vanishes; its settling thread hangs on.
  TestHost second(url_, 2, journal_);
  ASSERT_TRUE(eventually([&] {
    terminate("host 1");
    return second.owned() > 0;
  }));
  first.stall_flushes(false);
  ASSERT_TRUE(eventually([&] { return !first.last_failure().ok(); }));
  EXPECT_EQ(first.last_failure().code(), Code::LeaseLost) << first.last_failure().to_string();
  emit(url_, 52, 60);
  ASSERT_TRUE(eventually([&] { return distinct(journal_).size() == 60; }));
}

TEST_F(Pipeline, AStalledFlushIsFencedEvenWhenItsGenerationWasSwept) {
  TestHost first(url_, 1, journal_);
  ASSERT_TRUE(first.wait_until_drained());
  first.stall_flushes(true);
  emit(url_, 1, 20);
  ASSERT_TRUE(journal_.wait_for(20));
  // What another host does in the meantime, in a minute or in a day.
  run_sql(url_, "UPDATE observer.ledger_lease SET epoch = epoch + 1");
  run_sql(url_,
          "INSERT INTO observer.ledger SELECT shard, generation + 500, epoch + 1, true, "
          "now(), base_snapshot, base_sequence, base_top, base_floors, NULL, NULL, NULL, "
          "NULL, 0, pending FROM (SELECT DISTINCT ON (shard) * FROM observer.ledger ORDER BY "
          "shard, generation DESC) AS newest");
  first.stall_flushes(false);
  ASSERT_TRUE(eventually([&] { return !first.last_failure().ok(); }));
  EXPECT_EQ(first.last_failure().code(), Code::LeaseLost) << first.last_failure().to_string();
}

/// A sink whose readers can be caught inside on_rows, where they do not notice a crash.
class BlockingSink final : public RowSink {
 public:
  Status on_acquired(int, std::uint64_t, postgres::Connection&) override { return Status(); }
  bool on_rows(int /*shard*/, std::uint64_t lease, std::vector<OutboxRow> rows) override {
    std::unique_lock lock(mutex_);
    ++inside_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !blocked_; });
    --inside_;
    journal_.add(1, lease, rows);
    return true;
  }
  void on_lost(int, std::uint64_t) override {}

  void block(bool block) {
    const std::lock_guard lock(mutex_);
    blocked_ = block;
    changed_.notify_all();
  }
  bool wait_until_inside(int readers) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return inside_ == readers; });
  }
  const Journal& journal() const { return journal_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool blocked_ = false;
  int inside_ = 0;
  Journal journal_;
};

Status flush(Source& source, const std::string& url) {
  const auto prepared = source.ledger().prepare({}, nullptr);
  if (!prepared) return Status();
  const auto connection = testing::connect(url);
  const Status outcome = connection->transact(
      [&](pqxx::work& work) { return source.ledger().write(work, *prepared); });
  source.ledger().finish(*prepared, outcome);
  return outcome;
}

/// With asynchronous commits a crash loses transactions that a host has seen, and their ids and
/// xids are given out again. Whoever went on from memory would take the new ones for old ones.
TEST(Crash, NothingRememberedFromBeforeIsWrittenDown) {
  postgres::PrivateServerOptions server_options;
  server_options.settings = {"synchronous_commit = off", "wal_writer_delay = 10000",
                             "wal_writer_flush_after = 100MB", "autovacuum = off"};
  auto server = postgres::PrivateServer::create(server_options);
  ASSERT_TRUE(server.ok()) << server.status().to_string();
  const std::string url = (*server)->url();
  ASSERT_TRUE(postgres::migrate(*testing::connect(url), testing::all_migrations(), 4).ok());

  BlockingSink sink;
  Options options;
  options.database.url = url;
  options.poll_interval = Milliseconds(50);
  Source source(options, sink);
  source.start();
  ASSERT_TRUE(eventually([&] {
    const auto states = source.shards();
    return std::all_of(states.begin(), states.end(), [](const auto& each) { return each.idle; });
  }));
  run_sql(url, "CHECKPOINT");  // from here on nothing reaches the disk by itself

  sink.block(true);
  emit(url, 1, 40);
  ASSERT_TRUE(sink.wait_until_inside(4));
  ASSERT_TRUE((*server)->restart(postgres::PrivateServer::Stop::Immediate).ok());
  ASSERT_EQ(scalar(url, "SELECT count(*) FROM observer.outbox"), "0") << "nothing was lost";
  // Transactions with the xids of those that the readers have seen. The settling thread has a new
  // connection, and in memory the leases and positions of before.
  for (int i = 1; i <= 30; ++i) emit(url, i, i);
  EXPECT_EQ(flush(source, url).code(), Code::LeaseLost);
  sink.block(false);

  std::set<std::pair<std::int64_t, std::uint64_t>> seen;
  EXPECT_TRUE(eventually([&] {
    static_cast<void>(flush(source, url));
    for (const Seen& each : sink.journal().all()) seen.emplace(each.row.id, each.row.xid);
    const testing::Rows rows = run_sql(url, "SELECT id, xid FROM observer.outbox");
    return std::all_of(rows.begin(), rows.end(), [&](const auto& row) {
      return seen.count({std::stoll(row[0]), std::stoull(row[1])}) > 0;
    });
  })) << "events of after the crash were taken for events of before it";
}

}  // namespace
}  // namespace observerd::source
