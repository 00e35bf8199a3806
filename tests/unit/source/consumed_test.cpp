#include "source/consumed.hpp"

#include <gtest/gtest.h>

namespace observerd::source {
namespace {

Position position(const char* snapshot, std::int64_t sequence, std::vector<std::int64_t> floors) {
  return {*parse_snapshot(snapshot), sequence, sequence, std::move(floors)};
}

TEST(ConsumedTo, IsBelowEverythingThatAShardStillNeeds) {
  const Position nothing;
  const Position base = position("10:20:12,15", 100, {40, 70});
  const struct {
    const char* why;
    Progress progress;
    IdRanges pending;
    const char* now;
    std::int64_t expected;
  } cases[] = {
      {"a shard begins with nothing read", {nothing, {}, 0}, {}, "90:90:", 0},
      {"all but what comes", {position("20:20:", 100, {}), {}, 0}, {}, "90:90:", 100},
      {"late ones that still run have no row there", {base, {}, 0}, {}, "12:90:12,15", 100},
      {"late ones that have ended count from their floor", {base, {}, 0}, {}, "12:90:12", 70},
      {"the least floor of those", {base, {}, 0}, {}, "90:90:", 40},
      {"what is not settled", {base, {}, 0}, {{31, 31}, {80, 90}}, "90:90:", 30},
      {"settling is behind late ones", {base, {}, 0}, {{80, 90}}, "90:90:", 40},
      {"an open window counts to its cursor", {nothing, base, 55}, {}, "12:90:12,15", 55},
      {"and what is late at its target", {nothing, base, 95}, {}, "12:90:12", 70},
      {"a cursor beyond the sequence", {nothing, base, 120}, {}, "12:90:12,15", 100},
  };
  for (const auto& each : cases) {
    LedgerRow row;
    row.progress = each.progress;
    row.pending = each.pending;
    EXPECT_EQ(consumed_to(row, *parse_snapshot(each.now)), each.expected) << each.why;
  }
}

}  // namespace
}  // namespace observerd::source
