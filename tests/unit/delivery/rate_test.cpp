#include <gtest/gtest.h>

#include "delivery/concurrency_limit.hpp"
#include "delivery/fair_queue.hpp"
#include "delivery/token_bucket.hpp"

namespace observerd::delivery {
namespace {

using std::chrono::seconds;

SteadyTime at(int ms) {
  return SteadyTime(Milliseconds(1'000'000 + ms));
}

/// How many go from `from` to `to` when somebody asks every `step` milliseconds, as often as it is
/// allowed.
int taken(TokenBucket& bucket, int from, int to, int step) {
  int count = 0;
  for (int ms = from; ms < to; ms += step) {
    while (bucket.try_take(at(ms))) ++count;
  }
  return count;
}

TEST(Rate, ItIsKeptAndSpreadEvenly) {
  struct Case {
    config::RateSettings rate;
    int step_ms, for_ms, at_least, at_most;
  };
  const Case cases[] = {
      {{50, Milliseconds(1000)}, 1, 10'000, 499, 503},
      {{50, Milliseconds(1000)}, 40, 10'000, 495, 503},  // a timer that wakes late
      {{1, Milliseconds(1000)}, 1, 10'000, 10, 11},
      {{1, Milliseconds(3'600'000)}, 100, 10'000, 1, 1},
      {{10'000, Milliseconds(1000)}, 1, 1000, 9'990, 10'502},
  };
  for (const Case& c : cases) {
    TokenBucket bucket(c.rate);
    const int count = taken(bucket, 0, c.for_ms, c.step_ms);
    EXPECT_GE(count, c.at_least) << c.rate.count << " in " << c.rate.per.count();
    EXPECT_LE(count, c.at_most) << c.rate.count << " in " << c.rate.per.count();
  }
}

TEST(Rate, WhatWasNotUsedIsGone) {
  TokenBucket bucket({50, Milliseconds(1000)});
  EXPECT_EQ(taken(bucket, 60'000, 60'001, 1), 2) << "a twentieth of a second's";
  EXPECT_GT(bucket.next(), at(60'000));
  EXPECT_LE(bucket.next(), at(60'020));
}

TEST(Rate, OnlyWhatGetsItsTurnSoonMayWait) {
  ActionRate rate({10, Milliseconds(1000)});
  EXPECT_EQ(rate.room(at(0), seconds(10)), 101u);
  rate.waiting = 60;
  EXPECT_EQ(rate.room(at(0), seconds(10)), 41u);
  rate.waiting = 200;
  EXPECT_EQ(rate.room(at(0), seconds(10)), 0u);
  ActionRate slow({1, Milliseconds(3'600'000)});
  EXPECT_EQ(slow.room(at(0), seconds(10)), 1u);
  EXPECT_TRUE(slow.bucket.try_take(at(0)));
  EXPECT_EQ(slow.room(at(1), seconds(10)), 0u) << "its turn is in an hour";
  EXPECT_EQ(slow.room(at(3'595'000), seconds(10)), 1u);
}

TEST(Concurrency, OverloadHalvesItAndSuccessBringsItBackSlowly) {
  ConcurrencyLimit limit(16);
  limit.on_overload(at(0), at(10));
  EXPECT_EQ(limit.limit(), 8u);
  limit.on_overload(at(5), at(11));
  EXPECT_EQ(limit.limit(), 8u) << "it began before the decrease and says nothing new";
  limit.on_overload(at(12), at(20));
  EXPECT_EQ(limit.limit(), 4u);
  for (int i = 0; i < 3; ++i) limit.on_success();
  EXPECT_EQ(limit.limit(), 4u);
  for (int i = 0; i < 2; ++i) limit.on_success();
  EXPECT_EQ(limit.limit(), 5u) << "one more for a round that goes well";
  for (int i = 0; i < 1000; ++i) limit.on_success();
  EXPECT_EQ(limit.limit(), 16u) << "never above what is configured";
}

TEST(Concurrency, OneAtATimeIsTheLeast) {
  ConcurrencyLimit limit(3);
  for (int i = 0; i < 20; ++i) limit.on_overload(at(10 * i + 1), at(10 * i + 2));
  EXPECT_EQ(limit.limit(), 1u);
}

}  // namespace
}  // namespace observerd::delivery
