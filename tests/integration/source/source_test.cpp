#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "source/takeover.hpp"
#include "support/sanitizer.hpp"
#include "test_host.hpp"

namespace observerd::source {
namespace {

using ::testing::HasSubstr;
using testing::run_sql;
using testing::scalar;
using Clock = std::chrono::steady_clock;

void emit(const std::string& url, int from, int to) {
  run_sql(url,
          "SELECT observer.emit('Note', i::text, json_build_object('i', i)) FROM "
          "generate_series(" +
              std::to_string(from) + ", " + std::to_string(to) + ") AS i");
}

std::string xids_used(const std::string& url) {
  return scalar(url, "SELECT pg_snapshot_xmax(pg_current_snapshot())");
}

class SourceTest : public ::testing::Test {
 protected:
  const std::string url_ = testing::fresh_database();
  Journal journal_;
};

TEST_F(SourceTest, DeliversWhatWasCapturedBeforeTheFirstStart) {
  emit(url_, 1, 250);
  TestHost host(url_, 1, journal_);
  ASSERT_TRUE(journal_.wait_for(250));
  ASSERT_TRUE(host.wait_until_drained());
  EXPECT_EQ(journal_.size(), 250u);
  for (const ShardState& state : host.source().shards()) {
    EXPECT_TRUE(state.owned && state.idle && state.error.empty()) << state.error;
    EXPECT_EQ(state.unsettled, 0u);
    EXPECT_EQ(state.lease, 1u);
  }
}

TEST_F(SourceTest, GoesOnWhereItStopped) {
  emit(url_, 1, 50);
  {
    TestHost host(url_, 1, journal_);
    ASSERT_TRUE(journal_.wait_for(50));
    ASSERT_TRUE(host.wait_until_drained());
  }
  emit(url_, 51, 80);
  TestHost host(url_, 2, journal_);
  ASSERT_TRUE(journal_.wait_for(80));
  ASSERT_TRUE(host.wait_until_drained());
  EXPECT_EQ(journal_.size(), 80u) << "nothing twice";
}

TEST_F(SourceTest, WhatWasNotSettledComesAgainAndOnlyThat) {
  emit(url_, 1, 40);
  {
    TestHost host(url_, 1, journal_);
    ASSERT_TRUE(host.wait_until_drained());
    host.hold_settling(true);
    emit(url_, 41, 60);
    ASSERT_TRUE(journal_.wait_for(60));
    // Positions are still written, with what is pending.
    ASSERT_TRUE(eventually([&] {
      return scalar(url_,
                    "SELECT sum(upper(r) - lower(r)) > 0 FROM (SELECT DISTINCT ON (shard) pending "
                    "FROM observer.ledger ORDER BY shard, generation DESC) l, unnest(pending) r") ==
             "t";
    }));
  }
  TestHost host(url_, 2, journal_);
  ASSERT_TRUE(journal_.wait_for(80));
  ASSERT_TRUE(host.wait_until_drained());
  const std::vector<std::int64_t> ids = journal_.ids();
  ASSERT_EQ(ids.size(), 80u);
  EXPECT_EQ(std::set<std::int64_t>(ids.begin() + 60, ids.end()),
            std::set<std::int64_t>(ids.begin() + 40, ids.begin() + 60));
}

TEST_F(SourceTest, ASleeperUsesNoTransactionIdsAndIsWokenByACommit) {
  TestHost::Behaviour lazy;
  lazy.poll_interval = Milliseconds(60'000);
  TestHost host(url_, 1, journal_, lazy);
  ASSERT_TRUE(host.wait_until_drained());
  ASSERT_TRUE(eventually([&] {
    return scalar(url_,
                  "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND "
                  "objid >= 1000000 AND granted AND mode = 'ExclusiveLock' AND database = "
                  "(SELECT oid FROM pg_database WHERE datname = current_database())") == "4";
  }));
  const std::string before = xids_used(url_);
  for (int i = 1; i <= 20; ++i) {
    const auto start = Clock::now();
    emit(url_, i, i);
    ASSERT_TRUE(journal_.wait_for(static_cast<std::size_t>(i)));
    EXPECT_LT(Clock::now() - start, std::chrono::seconds(5)) << "only the poll found it";
  }
  EXPECT_NE(xids_used(url_), before);
  ASSERT_TRUE(host.wait_until_drained());
}

TEST_F(SourceTest, PollingAnIdleDatabaseUsesNoTransactionIds) {
  TestHost::Behaviour eager;
  eager.poll_interval = Milliseconds(5);
  TestHost host(url_, 1, journal_, eager);
  emit(url_, 1, 10);
  ASSERT_TRUE(journal_.wait_for(10));
  ASSERT_TRUE(host.wait_until_drained());
  const std::string statements =
      "SELECT sum(xact_commit) FROM pg_stat_database WHERE datname = current_database()";
  const std::string before = xids_used(url_);
  const std::string polls = scalar(url_, statements);
  ASSERT_TRUE(
      eventually([&] { return std::stoll(scalar(url_, statements)) > std::stoll(polls) + 200; }));
  EXPECT_EQ(xids_used(url_), before);
}

TEST_F(SourceTest, AWriterUnderWayKeepsItAwakeAndIsReadAtOnce) {
  TestHost::Behaviour lazy;
  lazy.poll_interval = Milliseconds(60'000);
  TestHost host(url_, 1, journal_, lazy);
  ASSERT_TRUE(host.wait_until_drained());
  pqxx::connection connection(url_);
  for (int i = 1; i <= 10; ++i) {
    pqxx::work work(connection);
    work.exec("SELECT observer.emit('Note', 'k', '{}')");
    emit(url_, i, i);  // another transaction wakes the host while the first one is under way
    ASSERT_TRUE(journal_.wait_for(static_cast<std::size_t>(2 * i - 1)));
    work.commit();
    ASSERT_TRUE(journal_.wait_for(static_cast<std::size_t>(2 * i)));
  }
}

TEST_F(SourceTest, StopsWithinATenthOfASecondAndStillSettles) {
  TestHost::Behaviour lazy;
  lazy.poll_interval = Milliseconds(60'000);
  TestHost host(url_, 1, journal_, lazy);
  ASSERT_TRUE(host.wait_until_drained());
  host.hold_settling(true);
  emit(url_, 1, 20);
  ASSERT_TRUE(journal_.wait_for(20));
  host.source().stop_reading();
  emit(url_, 21, 30);
  host.hold_settling(false);
  ASSERT_TRUE(eventually([&] {
    std::size_t unsettled = 0;
    for (const ShardState& state : host.source().shards()) unsettled += state.unsettled;
    return unsettled == 0;
  }));
  EXPECT_EQ(host.owned(), 4) << "leases are kept";
  EXPECT_EQ(journal_.size(), 20u);
  const auto start = Clock::now();
  host.source().release();
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(2));
  EXPECT_EQ(host.owned(), 0);
}

TEST_F(SourceTest, StopsInTheMiddleOfALongStatement) {
  TestHost host(url_, 1, journal_);
  ASSERT_TRUE(host.wait_until_drained());
  // Readers queue behind the lock as behind a long statement.
  pqxx::connection connection(url_);
  pqxx::work work(connection);
  emit(url_, 1, 1);
  ASSERT_TRUE(journal_.wait_for(1));
  work.exec("LOCK TABLE observer.outbox IN ACCESS EXCLUSIVE MODE");
  work.exec("SELECT nextval('observer.outbox_id')");
  ASSERT_TRUE(eventually([&] {
    return scalar(url_,
                  "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
                  "application_name = 'host 1'") == "4";
  }));
  const auto start = Clock::now();
  host.source().release();
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(2));
}

TEST_F(SourceTest, BackPressureStopsReadingAndLosesNothing) {
  TestHost host(url_, 1, journal_);
  ASSERT_TRUE(host.wait_until_drained());
  host.block_rows(true);
  emit(url_, 1, 1000);
  ASSERT_TRUE(eventually([&] {
    std::size_t unsettled = 0;
    for (const ShardState& state : host.source().shards()) unsettled += state.unsettled;
    return unsettled == 400;  // one page of 100 for each shard, and no more
  }));
  EXPECT_EQ(journal_.size(), 0u);
  host.block_rows(false);
  ASSERT_TRUE(journal_.wait_for(1000));
  ASSERT_TRUE(host.wait_until_drained());
  EXPECT_EQ(journal_.size(), 1000u);
}

TEST_F(SourceTest, ReportsWhyItDoesNotRead) {
  TestHost nowhere("postgresql:///nothing?host=/nonexistent", 1, journal_);
  ASSERT_TRUE(eventually([&] {
    return nowhere.source().shards()[0].error.find("cannot connect") != std::string::npos;
  }));
  TestHost::Behaviour more;
  more.shards = 5;
  TestHost host(url_, 2, journal_, more);
  ASSERT_TRUE(host.wait_until_owned(4));
  ASSERT_TRUE(eventually([&] {
    return host.source().shards()[4].error.find("shard 4 has no ledger") != std::string::npos;
  })) << host.source().shards()[4].error;
}

TEST_F(SourceTest, RefusesALedgerThatIsAheadOfTheServer) {
  run_sql(url_, "UPDATE observer.ledger SET base_snapshot = '999999999:999999999:'");
  TestHost host(url_, 1, journal_);
  ASSERT_TRUE(eventually([&] {
    return host.source().shards()[0].error.find("ahead of the server") != std::string::npos;
  }));
  EXPECT_EQ(host.owned(), 0);
}

/// A crash may lose the commit of a takeover that a host has seen; settlements of that lease must
/// not fit the one after it.
TEST_F(SourceTest, ALeaseIsNeverUsedAgain) {
  const auto connection = testing::connect(url_);
  EXPECT_EQ(take_over(*connection, 0, 0)->epoch, 1u);
  EXPECT_EQ(take_over(*connection, 0, 1)->epoch, 2u);
  EXPECT_EQ(take_over(*connection, 0, 7)->epoch, 8u);
  EXPECT_EQ(take_over(*connection, 0, 7)->epoch, 9u);
}

TEST_F(SourceTest, OldGenerationsAreSweptButForRecentTakeovers) {
  run_sql(url_,
          "INSERT INTO observer.ledger SELECT 0, g, 1, g IN (5, 3000), CASE WHEN g < 100 THEN "
          "now() - interval '2 days' ELSE now() END, '1:1:', 0, 0, '{}', NULL, NULL, NULL, NULL, "
          "0, '{}' FROM generate_series(2, 5000) AS g");
  const auto connection = testing::connect(url_);
  LedgerSweeper sweeper;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(sweeper.sweep(*connection, 0, 5000).ok());
  const auto left =
      run_sql(url_, "SELECT generation FROM observer.ledger WHERE shard = 0 ORDER BY generation");
  EXPECT_EQ(left, (testing::Rows{{"1"}, {"3000"}, {"4998"}, {"4999"}, {"5000"}}))
      << "1 is the migration's, of today";
  EXPECT_EQ(scalar(url_, "SELECT count(*) FROM observer.ledger WHERE shard > 0"), "3");
}

TEST_F(SourceTest, AReaderSweepsWhileItReads) {
  run_sql(url_,
          "INSERT INTO observer.ledger SELECT s, g, 1, false, now(), '1:1:', 0, 0, '{}', NULL, "
          "NULL, NULL, NULL, 0, '{}' FROM generate_series(0, 3) AS s, generate_series(2, 900) g");
  TestHost host(url_, 1, journal_);
  int sent = 0;
  ASSERT_TRUE(eventually([&] {
    emit(url_, sent + 1, sent + 10);
    sent += 10;
    return std::stoi(scalar(url_, "SELECT count(*) FROM observer.ledger WHERE shard = 0")) < 500;
  }));
  ASSERT_TRUE(journal_.wait_for(static_cast<std::size_t>(sent)));
}

/// Not a measurement: it prints one. A guard against a page that costs as much as the backlog.
TEST_F(SourceTest, ReadsABacklogInPagesThatStayCheap) {
  run_sql(url_,
          "INSERT INTO observer.outbox (segment, shard, kind, entity, key, new_row) "
          "SELECT i / 70000, i % 4, 'insert', 'Order', i::text, "
          "json_build_object('id', i, 'note', repeat('x', 400)) "
          "FROM generate_series(1, 200000) AS i");
  TestHost::Behaviour pages;
  pages.page_rows = 1000;
  const auto start = Clock::now();
  TestHost host(url_, 1, journal_, pages);
  ASSERT_TRUE(journal_.wait_for(200'000));
  const std::chrono::duration<double> took = Clock::now() - start;
  RecordProperty("rows_per_second", static_cast<int>(200'000 / took.count()));
  std::printf("read 200000 rows of 4 shards in %.2f s: %.0f rows/s\n", took.count(),
              200'000 / took.count());
  EXPECT_LT(took.count(), testing::is_sanitized ? 60 : 10);
  ASSERT_TRUE(host.wait_until_drained());
}

}  // namespace
}  // namespace observerd::source
