#include "app/movement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace observerd::app {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr SteadyTime kStart{1h};

source::ShardState shard(SteadyTime looked_at) {
  source::ShardState state;
  state.shard = 3;
  state.owned = true;
  state.looked_at = looked_at;
  return state;
}

TEST(Movement, ABacklogThatDrainsMoves) {
  Movement movement;
  movement.set_patience(2min);
  for (std::uint64_t settled = 0; settled < 100; ++settled) {
    const SteadyTime now = kStart + settled * 1min;
    EXPECT_TRUE(movement.look({settled, 10'000, {shard(now)}}, now).ok()) << settled;
  }
}

TEST(Movement, NothingSettledWhileSomethingIsUnderWayIsAStall) {
  Movement movement;
  movement.set_patience(2min);
  EXPECT_TRUE(movement.look({7, 1, {}}, kStart).ok());
  EXPECT_TRUE(movement.look({7, 1, {}}, kStart + 120s).ok());
  EXPECT_THAT(movement.look({7, 1, {}}, kStart + 121s).message(),
              HasSubstr("nothing was settled for 121 seconds"));
  EXPECT_TRUE(movement.look({8, 1, {}}, kStart + 122s).ok());
  EXPECT_TRUE(movement.look({8, 1, {}}, kStart + 200s).ok());
}

TEST(Movement, NothingToDoIsNoStall) {
  Movement movement;
  movement.set_patience(2min);
  EXPECT_TRUE(movement.look({7, 0, {}}, kStart).ok());
  EXPECT_TRUE(movement.look({7, 0, {}}, kStart + 10h).ok());
  // What comes then has its whole time.
  EXPECT_TRUE(movement.look({7, 1, {}}, kStart + 10h + 1min).ok());
  EXPECT_TRUE(movement.look({7, 1, {}}, kStart + 10h + 119s).ok());
}

TEST(Movement, AReaderWithoutAnswersIsAStall) {
  Movement movement;
  movement.set_patience(2min);
  EXPECT_TRUE(movement.look({0, 0, {shard(kStart)}}, kStart + 120s).ok());
  EXPECT_THAT(movement.look({0, 0, {shard(kStart)}}, kStart + 121s).message(),
              HasSubstr("has not answered the reader of shard 3 for 121 seconds"));
  source::ShardState full = shard(kStart);
  full.handing_on = true;
  EXPECT_TRUE(movement.look({0, 0, {full}}, kStart + 121s).ok()) << "it waits for room";
  source::ShardState others = shard({});
  others.owned = false;
  EXPECT_TRUE(movement.look({0, 0, {others}}, kStart + 121s).ok());
}

TEST(Movement, LongAttemptsHaveTheirTime) {
  config::Settings settings;
  EXPECT_EQ(settling_patience(settings), 121s) << "a reader's look each second";
  config::ObserverSettings observer;
  observer.actions.resize(2);
  observer.actions[0].delivery.timeout = 2min;
  observer.actions[1].delivery.timeout = 30s;
  settings.observers = {observer, {}};
  EXPECT_EQ(settling_patience(settings), 270s) << "one after the other, and two minutes";
}

}  // namespace
}  // namespace observerd::app
