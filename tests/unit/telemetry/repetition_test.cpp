#include "telemetry/repetition.hpp"

#include <gtest/gtest.h>

#include "support/manual_clock.hpp"

namespace observerd::telemetry {
namespace {

using observerd::testing::ManualClock;

TEST(Repetition, SaysOnceAnIntervalAndHowOftenItWasLeftUnsaid) {
  ManualClock clock;
  Repetition repetition(clock, Milliseconds(1000));
  EXPECT_EQ(repetition.say("a"), 0u);
  EXPECT_EQ(repetition.say("a"), std::nullopt);
  EXPECT_EQ(repetition.say("b"), 0u);
  clock.advance(Milliseconds(999));
  EXPECT_EQ(repetition.say("a"), std::nullopt);
  clock.advance(Milliseconds(1));
  EXPECT_EQ(repetition.say("a"), 2u);
  EXPECT_EQ(repetition.say("a"), std::nullopt);
}

TEST(Repetition, ForgetsTheOldestKeyBeyondItsBound) {
  ManualClock clock;
  Repetition repetition(clock, Milliseconds(1'000'000));
  for (std::size_t i = 0; i <= Repetition::kMaxKeys; ++i) {
    clock.advance(Milliseconds(1));
    EXPECT_EQ(repetition.say("key " + std::to_string(i)), 0u);
  }
  EXPECT_EQ(repetition.say("key 1"), std::nullopt);
  EXPECT_EQ(repetition.say("key 0"), 0u);
}

}  // namespace
}  // namespace observerd::telemetry
