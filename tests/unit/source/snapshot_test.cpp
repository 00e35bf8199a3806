#include "source/snapshot.hpp"

#include <gtest/gtest.h>

namespace observerd::source {
namespace {

TEST(Snapshot, ReadsAndPrintsWhatPostgresPrints) {
  for (const char* text : {"1:1:", "730:730:", "730:735:730,731,734",
                           "18446744073709551614:"
                           "18446744073709551615:18446744073709551614"}) {
    const Result<Snapshot> snapshot = parse_snapshot(text);
    ASSERT_TRUE(snapshot.ok()) << text;
    EXPECT_EQ(snapshot->to_string(), text);
  }
}

TEST(Snapshot, RefusesWhatIsNone) {
  for (const char* text : {"", "1", "1:", "1:1", "0:1:", "5:4:", "1:9:5,4", "1:9:5,5", "3:9:2",
                           "1:9:9", "1:9:4,", "1:9:,4", "1:9: 4", "a:b:", "-1:2:"}) {
    const Result<Snapshot> snapshot = parse_snapshot(text);
    EXPECT_FALSE(snapshot.ok()) << text;
    EXPECT_EQ(snapshot.status().code(), Code::Storage) << text;
  }
}

TEST(Snapshot, SeesWhatHadEnded) {
  const Snapshot snapshot = *parse_snapshot("10:15:10,13");
  const struct {
    std::uint64_t xid;
    bool seen;
  } cases[] = {{9, true},   {10, false}, {11, true},  {12, true},
               {13, false}, {14, true},  {15, false}, {16, false}};
  for (const auto& each : cases) EXPECT_EQ(snapshot.sees(each.xid), each.seen) << each.xid;
}

TEST(Snapshot, OfANewShardSeesNothing) {
  const Snapshot first;
  EXPECT_EQ(first.to_string(), "1:1:");
  EXPECT_FALSE(first.sees(1));
  EXPECT_FALSE(first.sees(3));
}

}  // namespace
}  // namespace observerd::source
