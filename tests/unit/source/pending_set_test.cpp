#include "source/pending_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace observerd::source {
namespace {

std::string text(const PendingSet& set) {
  return ranges_text(set.ranges());
}

using Ids = std::vector<std::int64_t>;

TEST(IdRanges, ReadsAndPrintsWhatPostgresPrints) {
  for (const char* each : {"{}", "{[1,2)}", "{[1,4),[9,10)}", "{[5,9223372036854775807)}"}) {
    const Result<IdRanges> ranges = parse_ranges(each);
    ASSERT_TRUE(ranges.ok()) << each;
    EXPECT_EQ(ranges_text(*ranges), each);
  }
  for (const char* each : {"", "{", "[1,2)", "{[1,)}", "{(,5)}", "{[1,2]}", "{[2,2)}", "{[3,2)}",
                           "{[1,4),[3,5)}", "{[1,2),}", "{[1,2)} "}) {
    EXPECT_FALSE(parse_ranges(each).ok()) << each;
  }
}

TEST(PendingSet, AStreamInFlightIsOneRange) {
  PendingSet set;
  set.add(Ids{3, 7, 12});  // the ids between are other shards'
  set.add(Ids{20, 21});
  EXPECT_EQ(text(set), "{[3,22)}");
  EXPECT_TRUE(set.settle(12));
  EXPECT_EQ(text(set), "{[3,8),[20,22)}");
  EXPECT_TRUE(set.settle(3));
  EXPECT_TRUE(set.settle(7));
  EXPECT_EQ(text(set), "{[20,22)}");
  EXPECT_FALSE(set.settle(7));
  EXPECT_FALSE(set.settle(1000));
  EXPECT_EQ(set.size(), 2u);
}

TEST(PendingSet, ALateRowSplitsTheRangeThatWentOverIt) {
  PendingSet set;
  set.add(Ids{10, 30});
  EXPECT_EQ(text(set), "{[10,31)}");
  set.add(Ids{20});
  EXPECT_EQ(text(set), "{[10,11),[20,21),[30,31)}");
  // Once 20 is settled no range may hold it again.
  EXPECT_TRUE(set.settle(20));
  EXPECT_EQ(text(set), "{[10,11),[30,31)}");
}

TEST(PendingSet, RangesOfATakeoverStayUntilTheyAreReadAgain) {
  PendingSet set({{10, 30}, {50, 60}}, 80);
  EXPECT_EQ(text(set), "{[10,31),[50,61)}");
  EXPECT_FALSE(set.empty());
  set.add_again(Ids{10, 18}, 18);
  EXPECT_EQ(text(set), "{[10,19),[19,31),[50,61)}");
  EXPECT_TRUE(set.settle(18));
  set.add_again(Ids{25}, 30);  // 18 was read: it must not be covered again
  EXPECT_EQ(text(set), "{[10,11),[25,26),[50,61)}");
  set.add_again({}, 60);
  EXPECT_EQ(text(set), "{[10,11),[25,26)}");
  EXPECT_TRUE(set.left().empty());
  set.add(Ids{81, 82});  // rows between 25 and 80 were read and settled
  EXPECT_EQ(text(set), "{[10,11),[25,26),[81,83)}");
}

TEST(PendingSet, HoldsWhatIsInFlightNotWhatWasSettledSince) {
  PendingSet set;
  set.add(Ids{1});
  for (std::int64_t id = 2; id < 100'000; ++id) {
    set.add(Ids{id});
    set.settle(id);
  }
  EXPECT_EQ(set.size(), 1u);
  EXPECT_EQ(text(set), "{[1,2)}");
}

/// Rows are read in windows with stragglers, and settled in any order; now and then the set is
/// thrown away and made again from its ranges. At any time the rows in the ranges, of those that
/// were read, must be exactly those not settled.
TEST(PendingSet, AgreesWithASetOnRandomHistories) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    const auto chance = [&random](int one_in) { return random() % one_in == 0; };
    PendingSet set;
    std::set<std::int64_t> read, pending, stragglers;
    std::int64_t next = 1;
    for (int step = 0; step < 300; ++step) {
      Ids page;
      if (chance(6)) {  // a late window: ids below what was read
        for (const std::int64_t id : stragglers) {
          if (chance(2)) page.push_back(id);
        }
      }
      for (int i = static_cast<int>(random() % 6); i > 0; --i) {
        next += 1 + random() % 3;
        chance(4) ? static_cast<void>(stragglers.insert(next)) : page.push_back(next);
      }
      std::sort(page.begin(), page.end());
      for (const std::int64_t id : page) {
        stragglers.erase(id);
        read.insert(id);
        pending.insert(id);
      }
      set.add(page);
      for (const std::int64_t id : Ids(pending.begin(), pending.end())) {
        if (!chance(3)) continue;
        EXPECT_TRUE(set.settle(id));
        pending.erase(id);
      }
      if (chance(40)) {
        set = PendingSet(set.ranges(), read.empty() ? 0 : *read.rbegin());
        // Read again in pages of three, some of which settle in between.
        std::int64_t after = 0;
        while (!set.left().empty()) {
          Ids again;
          for (const std::int64_t id : pending) {
            if (id > after && again.size() < 3) again.push_back(id);
          }
          after = again.size() < 3 ? set.left().back().last : again.back();
          set.add_again(again, after);
          if (!again.empty() && chance(2)) {
            EXPECT_TRUE(set.settle(again.back()));
            pending.erase(again.back());
          }
        }
      }
      Ids covered;
      for (const IdRange& range : set.ranges()) {
        for (auto id = read.lower_bound(range.first); id != read.end() && *id <= range.last; ++id) {
          covered.push_back(*id);
        }
      }
      ASSERT_EQ(covered, Ids(pending.begin(), pending.end())) << "seed " << seed;
      ASSERT_EQ(set.size(), pending.size());
    }
  }
}

}  // namespace
}  // namespace observerd::source
