#include "source/position.hpp"

#include <gtest/gtest.h>

namespace observerd::source {
namespace {

Position position(const char* snapshot, std::int64_t sequence, std::vector<std::int64_t> floors) {
  return {*parse_snapshot(snapshot), sequence, sequence, std::move(floors)};
}

Look look(std::int64_t sequence, const char* snapshot) {
  return {sequence, *parse_snapshot(snapshot)};
}

TEST(Position, GivesANewcomerTheSequenceOfThePositionBefore) {
  const Position base = position("20:24:20", 100, {40});
  // 20 is still there and keeps its floor; 25 had no xid when 100 was read.
  const Position next = next_position(base, 130, *parse_snapshot("20:27:20,25"), 131);
  EXPECT_EQ(next.sequence, 130);
  EXPECT_EQ(next.top, 131);
  EXPECT_EQ(next.floors, (std::vector<std::int64_t>{40, 100}));
}

TEST(Position, TheFirstOneGivesEveryTransactionTheFloorZero) {
  const Position next = next_position(Position{}, 7, *parse_snapshot("10:15:10,13"), 7);
  EXPECT_EQ(next.floors, (std::vector<std::int64_t>{0, 0}));
}

TEST(Position, AWindowStartsAtTheLeastFloorOfWhatHasEnded) {
  const Position base = position("20:30:20,25,27", 100, {40, 60, 90});
  const struct {
    const char* later;
    std::int64_t start;
  } cases[] = {
      {"20:40:20,25,27", 100},  // nothing late has ended
      {"20:40:20,25", 90},     {"20:40:20,27", 60}, {"25:40:25,27", 40},
      {"20:40:20", 60},        {"40:40:", 40},
  };
  for (const auto& each : cases) {
    const Position target = next_position(base, 200, *parse_snapshot(each.later), 200);
    EXPECT_EQ(window_start(base, target), each.start) << each.later;
  }
}

TEST(Position, IsKeptWhileNothingHappens) {
  const Position base = position("20:30:20,25", 100, {40, 100});
  EXPECT_FALSE(has_news(base, look(100, "20:30:20,25")));
  EXPECT_TRUE(has_news(base, look(101, "20:30:20,25")));
  EXPECT_TRUE(has_news(base, look(100, "25:31:25")));
  // 25 can only have ids above 100, and there are none: it is another database's business.
  EXPECT_FALSE(has_news(base, look(100, "20:31:20")));
}

TEST(Position, OfANewShardHasNewsOnceAnIdWasGivenOut) {
  EXPECT_FALSE(has_news(Position{}, look(0, "700:700:")));
  EXPECT_TRUE(has_news(Position{}, look(1, "700:700:")));
}

}  // namespace
}  // namespace observerd::source
