#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "source/consumed.hpp"
#include "source/reader_session.hpp"
#include "source/reclaim.hpp"
#include "test_host.hpp"

/// Rotation and reclaim of the outbox's segments.
namespace observerd::source {
namespace {

using ::testing::HasSubstr;
using testing::run_sql;
using testing::scalar;

constexpr const char* kCurrent = "SELECT last_value FROM observer.outbox_segment";

void emit(const std::string& url, int from, int to) {
  run_sql(url, "SELECT observer.emit('Note', i::text, '{}') FROM generate_series(" +
                   std::to_string(from) + ", " + std::to_string(to) + ") AS i");
}

std::string rows_in(const std::string& url, int segment) {
  return scalar(url, "SELECT count(*) FROM observer.outbox_" + std::to_string(segment));
}

class Reclaiming : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(pin_session(*connection_).ok()); }

  /// A host that never rotates by itself and reclaims what it can, quickly.
  static TestHost::Behaviour quick() {
    TestHost::Behaviour behaviour;
    behaviour.maintenance_interval = Milliseconds(10);
    return behaviour;
  }
  Segment segment(int number) {
    const auto found = segments(*connection_);
    EXPECT_TRUE(found.ok()) << found.status().to_string();
    return found.ok() ? (*found)[static_cast<std::size_t>(number)] : Segment();
  }
  Reclaim try_reclaim(int number, LockPatience patience = LockPatience(0)) {
    const auto result = reclaim(*connection_, number, patience);
    EXPECT_TRUE(result.ok()) << result.status().to_string();
    return result.ok() ? *result : Reclaim();
  }
  void rotate_from(int number) {
    const auto rotated = rotate(*connection_, number);
    ASSERT_TRUE(rotated.ok()) << rotated.status().to_string();
    ASSERT_TRUE(*rotated);
  }

  const std::string url_ = testing::fresh_database();
  const std::unique_ptr<postgres::Connection> connection_ = testing::connect(url_);
  Journal journal_;
};

TEST_F(Reclaiming, RotationGoesToTheNextEmptySegment) {
  emit(url_, 1, 3);
  rotate_from(0);
  EXPECT_EQ(scalar(url_, kCurrent), "1");
  EXPECT_FALSE(*rotate(*connection_, 0)) << "another one is current by now";
  run_sql(url_, "SELECT setval('observer.outbox_segment', 3)");
  emit(url_, 4, 6);
  rotate_from(3);
  EXPECT_EQ(scalar(url_, kCurrent), "1") << "0 is not empty";
  for (int i = 1; i < 3; ++i) {
    run_sql(url_, "SELECT setval('observer.outbox_segment', " + std::to_string(i) + ")");
    emit(url_, i, i);
  }
  EXPECT_FALSE(*rotate(*connection_, 2)) << "no segment is empty";
  EXPECT_EQ(scalar(url_, kCurrent), "2");
}

TEST_F(Reclaiming, ShowsSegmentsAndWhyTheyAreKept) {
  emit(url_, 1, 10);
  rotate_from(0);
  emit(url_, 11, 15);
  const Segment first = segment(0), second = segment(1), third = segment(2);
  EXPECT_EQ(first.name, "outbox_0");
  EXPECT_FALSE(first.current || first.empty || first.reclaimable);
  EXPECT_THAT(first.kept_because, HasSubstr("was not read"));
  EXPECT_EQ(first.rows_at_most, 10);
  EXPECT_GT(first.oldest_seconds, 0);
  EXPECT_GT(first.bytes, 0);
  EXPECT_TRUE(second.current);
  EXPECT_EQ(second.kept_because, "it is being written to");
  EXPECT_EQ(second.rows_at_most, 5);
  EXPECT_TRUE(third.empty && !third.current && third.kept_because.empty());
}

TEST_F(Reclaiming, TruncatesWhatEveryShardHasConsumed) {
  TestHost host(url_, 1, journal_, quick());
  emit(url_, 1, 100);
  ASSERT_TRUE(host.wait_until_drained());
  EXPECT_EQ(rows_in(url_, 0), "100") << "the current segment stays";
  rotate_from(0);
  ASSERT_TRUE(eventually([&] { return rows_in(url_, 0) == "0"; }));
  ASSERT_TRUE(eventually([&] { return host.source().outbox().last_reclaim.has_value(); }));
  EXPECT_TRUE(host.source().outbox().problem.empty());
  EXPECT_EQ(host.source().outbox().segments.size(), 4u);
  emit(url_, 101, 150);
  ASSERT_TRUE(journal_.wait_for(150));
  ASSERT_TRUE(host.wait_until_drained());
  EXPECT_EQ(journal_.size(), 150u);
  const auto last = last_reclaim(*connection_);
  ASSERT_TRUE(last.ok()) << last.status().to_string();
  ASSERT_TRUE(last->has_value());
  EXPECT_LT(std::chrono::abs(std::chrono::system_clock::now() - **last), std::chrono::minutes(1));
}

TEST_F(Reclaiming, RotatesBySizeAndByAgeByItself) {
  for (const bool by_age : {false, true}) {
    const std::string url = testing::fresh_database();
    Options options;
    options.database.url = url;
    options.maintenance_interval = Milliseconds(10);
    options.segment_bytes = by_age ? 1 << 30 : 1;
    options.segment_age = by_age ? Milliseconds(1) : Milliseconds(1'000'000'000);
    Journal journal;
    TestHost host(options, 1, journal);
    for (int i = 1; i <= 6; ++i) {
      emit(url, i, i);
      const std::string before = scalar(url, kCurrent);
      ASSERT_TRUE(eventually([&] {
        return scalar(url, "SELECT count(*) FROM observer.outbox") == "0";
      })) << (by_age ? "age" : "size");
    }
    EXPECT_EQ(journal.size(), 6u);
  }
}

TEST_F(Reclaiming, KeepsASegmentWithAnEventThatIsNotSettled) {
  TestHost host(url_, 1, journal_, quick());
  host.hold_settling(true);
  emit(url_, 1, 1);
  ASSERT_TRUE(journal_.wait_for(1));
  rotate_from(0);
  ASSERT_TRUE(eventually([&] {
    return segment(0).kept_because.find("is not settled") != std::string::npos;
  })) << segment(0).kept_because;
  EXPECT_FALSE(try_reclaim(0).done);
  emit(url_, 2, 30);
  ASSERT_TRUE(journal_.wait_for(30));
  EXPECT_EQ(rows_in(url_, 0), "1");
  host.hold_settling(false);
  ASSERT_TRUE(eventually([&] { return rows_in(url_, 0) == "0"; }));
  EXPECT_EQ(rows_in(url_, 1), "29");
}

TEST_F(Reclaiming, KeepsASegmentOfAShardThatNobodyReads) {
  TestHost::Behaviour three = quick();
  three.shards = 3;
  TestHost host(url_, 1, journal_, three);
  emit(url_, 1, 40);
  ASSERT_TRUE(host.wait_until_drained());
  rotate_from(0);
  EXPECT_THAT(segment(0).kept_because, HasSubstr("of shard 3 was not read"));
  EXPECT_FALSE(try_reclaim(0).done);
}

TEST_F(Reclaiming, KeepsARowWhoseShardDoesNotExist) {
  run_sql(url_,
          "INSERT INTO observer.outbox (segment, shard, kind, entity, key) VALUES (0, 7, "
          "'custom', 'Note', '1'), (1, -1, 'custom', 'Note', '1')");
  run_sql(url_, "SELECT setval('observer.outbox_segment', 2)");
  EXPECT_THAT(segment(0).kept_because, HasSubstr("shard 7"));
  EXPECT_THAT(segment(1).kept_because, HasSubstr("shard -1"));
  EXPECT_FALSE(try_reclaim(0).done);
  EXPECT_FALSE(try_reclaim(1).done);
}

/// The number of a segment is read without a lock, so a writer may come to one that was left, read
/// and proven consumed in the meantime.
TEST_F(Reclaiming, ALateCommitterIsReadBeforeItsSegmentGoes) {
  TestHost host(url_, 1, journal_, quick());
  emit(url_, 1, 50);
  ASSERT_TRUE(host.wait_until_drained());
  pqxx::connection late(url_);
  pqxx::work work(late);
  work.exec("SELECT observer.emit('Note', 'late', '{}')");
  rotate_from(0);
  emit(url_, 51, 60);
  ASSERT_TRUE(journal_.wait_for(60));
  ASSERT_TRUE(eventually([&] {
    return segment(0).kept_because.find("has not ended (pid") != std::string::npos;
  })) << segment(0).kept_because;
  EXPECT_TRUE(try_reclaim(0).in_use);
  EXPECT_TRUE(try_reclaim(0, LockPatience(50)).in_use) << "it does not even ask";
  work.commit();
  ASSERT_TRUE(journal_.wait_for(61));
  ASSERT_TRUE(eventually([&] { return rows_in(url_, 0) == "0"; }));
  EXPECT_EQ(journal_.size(), 61u);
}

/// Between the proof without the lock and the one under it anything may happen.
TEST_F(Reclaiming, WhatCameBeforeTheLockIsSeenUnderIt) {
  {
    TestHost host(url_, 1, journal_);
    emit(url_, 1, 50);
    ASSERT_TRUE(host.wait_until_drained());
  }
  rotate_from(0);
  ASSERT_TRUE(segment(0).reclaimable) << segment(0).kept_because;
  run_sql(url_,
          "INSERT INTO observer.outbox (segment, shard, kind, entity, key) VALUES (0, 2, "
          "'custom', 'Note', 'straggler')");
  const Reclaim result = try_reclaim(0);
  EXPECT_FALSE(result.done);
  EXPECT_THAT(result.kept_because, HasSubstr("came late"));
  EXPECT_EQ(rows_in(url_, 0), "51");
}

TEST_F(Reclaiming, OfASegmentThatSomebodyReadsForHoursNothingIsHeldUp) {
  TestHost host(url_, 1, journal_, quick());
  emit(url_, 1, 20);
  ASSERT_TRUE(host.wait_until_drained());
  pqxx::connection dump(url_);
  pqxx::work work(dump);
  work.exec("SELECT count(*) FROM observer.outbox_0");
  rotate_from(0);
  ASSERT_TRUE(eventually([&] {
    const OutboxState state = host.source().outbox();
    return !state.segments.empty() && state.segments[0].kept_because.find("it is ") == 0;
  }));
  // Nobody waits for a lock of ours meanwhile, in whatever order they come.
  for (int i = 1; i <= 20; ++i) {
    emit(url_, 20 + i, 20 + i);
    ASSERT_TRUE(journal_.wait_for(20 + static_cast<std::size_t>(i)));
  }
  EXPECT_EQ(rows_in(url_, 0), "20");
  work.commit();
  ASSERT_TRUE(eventually([&] { return rows_in(url_, 0) == "0"; }));
}

TEST_F(Reclaiming, APreparedTransactionOnlyMakesTheOutboxLonger) {
  postgres::PrivateServerOptions options;
  options.settings = {"max_prepared_transactions = 5"};
  const auto server = testing::new_server(options);
  const std::string url = testing::fresh_database(*server);
  const auto connection = testing::connect(url);
  ASSERT_TRUE(pin_session(*connection).ok());
  TestHost host(url, 1, journal_, quick());
  run_sql(url, "BEGIN; SELECT observer.emit('Note', 'p', '{}'); PREPARE TRANSACTION 'p'");
  ASSERT_TRUE(*rotate(*connection, 0));
  emit(url, 1, 20);
  ASSERT_TRUE(journal_.wait_for(20));
  ASSERT_TRUE(host.wait_until_drained());
  const auto seen = segments(*connection);
  ASSERT_TRUE(seen.ok());
  EXPECT_THAT((*seen)[0].kept_because, HasSubstr("a prepared transaction"));
  ASSERT_TRUE(*rotate(*connection, 1));
  ASSERT_TRUE(eventually([&] { return rows_in(url, 1) == "0"; })) << "others are reclaimed";
  run_sql(url, "COMMIT PREPARED 'p'");
  ASSERT_TRUE(journal_.wait_for(21));
  ASSERT_TRUE(eventually(
      [&] { return scalar(url, "SELECT pg_relation_size('observer.outbox_0')") == "0"; }));
}

/// Of an open window the base may be far behind, the first one's sees nothing at all.
TEST_F(Reclaiming, ReclaimsBehindTheCursorOfABacklog) {
  run_sql(url_,
          "INSERT INTO observer.outbox (segment, shard, kind, entity, key) SELECT CASE WHEN i <= "
          "20000 THEN 0 ELSE 1 END, i % 4, 'custom', 'Note', i::text "
          "FROM generate_series(1, 40000) AS i; SELECT setval('observer.outbox_segment', 2)");
  TestHost host(url_, 1, journal_, quick());
  ASSERT_TRUE(eventually([&] {
    const std::vector<ShardState> shards = host.source().shards();
    return std::all_of(shards.begin(), shards.end(),
                       [](const ShardState& each) { return each.read_to > 21'000; });
  }));
  host.block_rows(true);
  ASSERT_TRUE(eventually([&] { return rows_in(url_, 0) == "0"; }));
  EXPECT_EQ(rows_in(url_, 1), "20000");
  host.block_rows(false);
  ASSERT_TRUE(journal_.wait_for(40'000));
  ASSERT_TRUE(eventually([&] { return rows_in(url_, 1) == "0"; }));
  EXPECT_EQ(journal_.size(), 40'000u);
}

TEST_F(Reclaiming, OneHostAtATimeTidiesUp) {
  run_sql(url_, "SELECT pg_advisory_lock(observer.lock_class(), 3000001)");  // ends with it
  pqxx::connection other(url_);
  run_sql(other, "SELECT pg_advisory_lock(observer.lock_class(), 3000001)");
  TestHost host(url_, 1, journal_, quick());
  emit(url_, 1, 10);
  ASSERT_TRUE(host.wait_until_drained());
  rotate_from(0);
  ASSERT_TRUE(eventually([&] {
    const OutboxState state = host.source().outbox();
    return !state.segments.empty() && state.segments[0].reclaimable;
  }));
  EXPECT_EQ(rows_in(url_, 0), "10");
  run_sql(other, "SELECT pg_advisory_unlock(observer.lock_class(), 3000001)");
  ASSERT_TRUE(eventually([&] { return rows_in(url_, 0) == "0"; }));
}

TEST_F(Reclaiming, SaysWhyItMayNot) {
  run_sql(url_, "DROP TABLE observer.ledger");
  TestHost host(url_, 1, journal_, quick());
  emit(url_, 1, 1);
  rotate_from(0);
  ASSERT_TRUE(eventually(
      [&] { return host.source().outbox().problem.find("ledger") != std::string::npos; }));
}

/// Plans are cached by the sessions of readers, and made anew after each truncation.
TEST_F(Reclaiming, PlansStayIndexScansAfterRotationAndTruncation) {
  const auto plan = [&](postgres::Connection& connection) {
    std::string text;
    const Status status = connection.run([&](pqxx::nontransaction& transaction) {
      connection.raw().prepare_now(statement::kPage);
      for (const pqxx::row& row :
           transaction.exec(std::string("EXPLAIN (COSTS OFF) EXECUTE \"") + statement::kPage +
                            "\"(0, 5, 15000, '900000:900000:', '1:1:', 100)")) {
        text += std::string(row[0].c_str()) + '\n';
      }
      return Status();
    });
    EXPECT_TRUE(status.ok()) << status.to_string();
    return text;
  };
  const auto reader = testing::connect(url_);
  ASSERT_TRUE(prepare_session(*reader).ok());
  const std::string before = plan(*reader);
  EXPECT_THAT(before, HasSubstr("Merge Append"));
  TestHost host(url_, 1, journal_, quick());
  for (int from = 0; from < 3; ++from) {
    emit(url_, 1, 2000);
    ASSERT_TRUE(host.wait_until_drained());
    rotate_from(from);
    ASSERT_TRUE(eventually([&] { return rows_in(url_, from) == "0"; }));
    EXPECT_EQ(plan(*reader), before);
  }
}

/// Tiny segments, so that they go round and round under writers and readers.
TEST_F(Reclaiming, NothingIsLostWhileSegmentsGoRoundUnderWritersAndReaders) {
  constexpr int kWriters = 6;
  constexpr int kTransactions = 300;
  std::vector<std::unique_ptr<TestHost>> hosts;
  for (int i = 1; i <= 2; ++i) {
    TestHost::Behaviour behaviour;
    behaviour.maintenance_interval = Milliseconds(3);
    behaviour.segment_bytes = 1;
    behaviour.page_rows = 20;
    behaviour.settle_within = Milliseconds(10);
    hosts.push_back(std::make_unique<TestHost>(url_, i, journal_, behaviour));
  }
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      std::minstd_rand random(static_cast<unsigned>(writer) + 1);
      pqxx::connection connection(url_);
      for (int i = 0; i < kTransactions; ++i) {
        pqxx::work work(connection);
        work.exec("SELECT observer.emit('Note', '" + std::to_string(writer) +
                  "', '{\"i\": " + std::to_string(i) + "}')");
        if (random() % 8 == 0) std::this_thread::sleep_for(Milliseconds(random() % 30));
        work.commit();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  std::map<std::string, int> expected;
  ASSERT_TRUE(eventually([&] {
    return scalar(url_, "SELECT count(*) FROM observer.outbox") == "0";
  })) << "everything is consumed, and then every segment is reclaimed";
  std::set<std::int64_t> ids;
  for (const Seen& seen : journal_.all()) {
    if (!ids.insert(seen.row.id).second) continue;
    int& next = expected[seen.row.key];
    EXPECT_EQ(seen.row.new_text, "{\"i\": " + std::to_string(next++) + "}") << seen.row.key;
  }
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(kWriters * kTransactions));
  const auto reclaims = scalar(url_, "SELECT count(*) FROM observer.reclaims");
  std::printf("%s segments reclaimed\n", reclaims.c_str());
  EXPECT_GE(std::stoi(reclaims), 3);
}

}  // namespace
}  // namespace observerd::source
