#include "delivery/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace observerd::delivery {
namespace {

using Change = CircuitBreaker::Change;

constexpr config::BreakerSettings kSettings{3, Milliseconds(1000), Milliseconds(500)};

SteadyTime at(int ms) {
  return SteadyTime(Milliseconds(1'000'000 + ms));
}

/// A breaker that opened at the given time.
CircuitBreaker opened(int ms) {
  CircuitBreaker breaker;
  for (int i = 0; i < kSettings.failures; ++i) (void)breaker.on_failure(kSettings, at(ms));
  return breaker;
}

TEST(CircuitBreaker, OpensAfterSoManyFailuresInARow) {
  CircuitBreaker breaker;
  EXPECT_EQ(breaker.on_failure(kSettings, at(0)), Change::None);
  EXPECT_EQ(breaker.on_failure(kSettings, at(1)), Change::None);
  EXPECT_EQ(breaker.state(at(1)), BreakerState::Closed);
  EXPECT_EQ(breaker.on_failure(kSettings, at(2)), Change::Opened);
  EXPECT_EQ(breaker.state(at(2)), BreakerState::Open);
  EXPECT_EQ(breaker.until(), at(502));
  EXPECT_FALSE(breaker.wants_probe(at(501)));
}

TEST(CircuitBreaker, AnAnswerInBetweenBeginsTheRowAnew) {
  CircuitBreaker breaker;
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(breaker.on_failure(kSettings, at(0)), Change::None);
    EXPECT_EQ(breaker.on_failure(kSettings, at(0)), Change::None);
    EXPECT_EQ(breaker.on_answer(), Change::None);
  }
  EXPECT_EQ(breaker.failures(), 0);
}

TEST(CircuitBreaker, FailuresOfDifferentWindowsDoNotAddUp) {
  CircuitBreaker breaker;
  EXPECT_EQ(breaker.on_failure(kSettings, at(0)), Change::None);
  EXPECT_EQ(breaker.on_failure(kSettings, at(900)), Change::None);
  EXPECT_EQ(breaker.on_failure(kSettings, at(1001)), Change::None) << "the first is too old";
  EXPECT_EQ(breaker.on_failure(kSettings, at(1002)), Change::None);
  EXPECT_EQ(breaker.on_failure(kSettings, at(1003)), Change::Opened);
}

TEST(CircuitBreaker, HalfOpenItLetsOneProbeGo) {
  CircuitBreaker breaker = opened(0);
  EXPECT_EQ(breaker.state(at(500)), BreakerState::HalfOpen);
  EXPECT_TRUE(breaker.wants_probe(at(500)));
  breaker.start_probe(at(800));
  EXPECT_FALSE(breaker.wants_probe(at(799)));
  EXPECT_TRUE(breaker.wants_probe(at(800))) << "the outcome of the first was lost";
  breaker.start_probe(at(5000));
  breaker.cancel_probe();
  EXPECT_TRUE(breaker.wants_probe(at(801)));
}

TEST(CircuitBreaker, TheProbeDecides) {
  CircuitBreaker breaker = opened(0);
  breaker.start_probe(at(900));
  EXPECT_EQ(breaker.on_failure(kSettings, at(600)), Change::None) << "told when it opened";
  EXPECT_EQ(breaker.state(at(1099)), BreakerState::Open);
  EXPECT_TRUE(breaker.wants_probe(at(1100)));
  breaker.start_probe(at(2000));
  EXPECT_EQ(breaker.on_answer(), Change::Closed);
  EXPECT_EQ(breaker.state(at(1100)), BreakerState::Closed);
  EXPECT_EQ(breaker.failures(), 0);
}

TEST(CircuitBreaker, LateFailuresWhileItIsOpenDoNotKeepItOpenLonger) {
  CircuitBreaker breaker = opened(0);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(breaker.on_failure(kSettings, at(400)), Change::None);
  }
  EXPECT_EQ(breaker.until(), at(500));
  EXPECT_EQ(breaker.on_answer(), Change::Closed) << "a late answer says that it works";
}

TEST(CircuitBreaker, MayBeForgottenOnceItsWindowIsOver) {
  CircuitBreaker breaker;
  EXPECT_TRUE(breaker.is_fresh(at(0)));
  (void)breaker.on_failure(kSettings, at(0));
  EXPECT_FALSE(breaker.is_fresh(at(999)));
  EXPECT_TRUE(breaker.is_fresh(at(1000)));
  EXPECT_FALSE(opened(0).is_fresh(at(100'000)));
}

}  // namespace
}  // namespace observerd::delivery
