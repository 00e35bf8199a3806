#include "source/shard_ledgers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace observerd::source {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ShardLedgersTest : public ::testing::Test {
 protected:
  void take(int shard, std::uint64_t epoch, std::int64_t generation) {
    LedgerRow row;
    row.shard = shard;
    row.epoch = epoch;
    row.generation = generation;
    ledgers_.taken_over(row);
  }
  bool read(int shard, std::uint64_t lease, std::vector<std::int64_t> ids) {
    Progress progress;
    progress.base.sequence = ids.back();
    progress.base.top = ids.back();
    return ledgers_.read(shard, lease, progress, ids);
  }

  std::vector<int> lost_;
  ShardLedgers ledgers_{"\"observer\"", [this](int shard) { lost_.push_back(shard); }};
  std::vector<std::size_t> dropped_;
};

TEST_F(ShardLedgersTest, WritesNothingWhileNothingMoves) {
  take(0, 5, 40);
  EXPECT_EQ(ledgers_.prepare({}, nullptr), nullptr);
  EXPECT_TRUE(ledgers_.view(0)->clean);
}

TEST_F(ShardLedgersTest, AFlushIsTheNextGenerationOfEveryShardThatMoved) {
  take(0, 5, 40);
  take(1, 2, 7);
  take(2, 1, 2);
  ASSERT_TRUE(read(0, 5, {10, 11}));
  ASSERT_TRUE(read(1, 2, {12}));
  EXPECT_FALSE(ledgers_.view(0)->clean);

  const std::vector<Settled> settled{{0, 5, 10}};
  const auto flush = ledgers_.prepare(settled, &dropped_);
  ASSERT_NE(flush, nullptr);
  EXPECT_THAT(dropped_, IsEmpty());
  ASSERT_EQ(flush->rows.size(), 2u);
  EXPECT_EQ(flush->rows[0].generation, 41);
  EXPECT_EQ(flush->rows[0].epoch, 5u);
  EXPECT_EQ(ranges_text(flush->rows[0].pending), "{[11,12)}");
  EXPECT_EQ(flush->rows[1].generation, 8);
  ledgers_.finish(*flush, Status());

  const std::vector<Settled> rest{{0, 5, 11}, {1, 2, 12}};
  const auto next = ledgers_.prepare(rest, &dropped_);
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->rows[0].generation, 42);
  EXPECT_FALSE(ledgers_.view(0)->clean) << "not written yet";
  ledgers_.finish(*next, Status());
  EXPECT_TRUE(ledgers_.view(0)->clean);
  EXPECT_EQ(ledgers_.prepare({}, nullptr), nullptr);
}

TEST_F(ShardLedgersTest, AProofOfTheLeaseIsARowOfItsOwn) {
  take(0, 5, 40);
  const std::vector<Settled> proof{{0, 5, 0}};
  const auto flush = ledgers_.prepare(proof, &dropped_);
  ASSERT_NE(flush, nullptr);
  EXPECT_EQ(flush->rows[0].generation, 41);
}

TEST_F(ShardLedgersTest, SettlementsOfAnotherLeaseAreDropped) {
  take(0, 5, 40);
  ASSERT_TRUE(read(0, 5, {10, 11}));
  const std::vector<Settled> settled{{0, 4, 10}, {0, 5, 10}, {3, 5, 10}, {0, 6, 0}};
  const auto flush = ledgers_.prepare(settled, &dropped_);
  EXPECT_THAT(dropped_, ElementsAre(0u, 2u, 3u));
  EXPECT_EQ(ranges_text(flush->rows[0].pending), "{[11,12)}");
}

TEST_F(ShardLedgersTest, AFlushThatFailsGivesUpItsLeases) {
  take(0, 5, 40);
  take(1, 2, 7);
  ASSERT_TRUE(read(0, 5, {10}));
  const auto flush = ledgers_.prepare({}, nullptr);
  ledgers_.finish(*flush, Status::error(Code::LeaseLost, "taken over"));
  EXPECT_THAT(lost_, ElementsAre(0));
  EXPECT_FALSE(ledgers_.holds(0, 5));
  EXPECT_TRUE(ledgers_.holds(1, 2)) << "had no part in it";
  EXPECT_FALSE(read(0, 5, {11}));
}

TEST_F(ShardLedgersTest, AFlushWhoseFateNobodyToldIsNotFollowedByTheNextGeneration) {
  take(0, 5, 40);
  ASSERT_TRUE(read(0, 5, {10}));
  const auto flush = ledgers_.prepare({}, nullptr);
  EXPECT_EQ(ledgers_.prepare({}, nullptr), nullptr);
  EXPECT_THAT(lost_, ElementsAre(0));
  ledgers_.finish(*flush, Status());  // too late
  EXPECT_FALSE(ledgers_.holds(0, 5));
}

TEST_F(ShardLedgersTest, AFlushOfALeaseLostMeanwhileLeavesTheNewOneAlone) {
  take(0, 5, 40);
  ASSERT_TRUE(read(0, 5, {10}));
  const auto flush = ledgers_.prepare({}, nullptr);
  ledgers_.drop(0, 5);
  take(0, 6, 42);
  ledgers_.finish(*flush, Status());
  ASSERT_TRUE(read(0, 6, {10}));
  EXPECT_EQ(ledgers_.prepare({}, nullptr)->rows[0].generation, 43);
}

}  // namespace
}  // namespace observerd::source
