#include "store/waiting.hpp"

#include "integration/store/store_fixture.hpp"

namespace observerd::store::tests {
namespace {

class Waiting : public StoreTest {
 protected:
  Parked held(int n, const std::string& lane, const std::string& reason = "paused") {
    Parked parked = make_parked(n, ParkState::Held, "");
    parked.lane = lane;
    parked.reason = reason;
    return parked;
  }
  std::vector<WaitingGroup> groups(int shard = 1) {
    auto found = waiting_groups(*connection_, shard);
    EXPECT_TRUE(found.ok()) << found.status().to_string();
    return found.ok() ? *found : std::vector<WaitingGroup>();
  }
};

TEST_F(Waiting, GroupsAreOneEachHoweverManyRows) {
  Parked orphan = held(9, "a");
  orphan.state = ParkState::Orphaned;
  Parked other = held(8, "a");
  other.action = "slack";
  apply_all({Park{held(1, "b")}, Park{held(2, "a")}, Park{held(3, "a")}, Park{held(4, "")},
             Park{held(5, "a", "storage: too large")}, Park{orphan}, Park{other},
             Park{make_parked(6)}, Park{make_parked(7, ParkState::Behind)}});
  const std::vector<WaitingGroup> expected = {
      {"order-shipped", "erp", "", ParkState::Held},
      {"order-shipped", "erp", "a", ParkState::Held},
      {"order-shipped", "erp", "a", ParkState::Orphaned},
      {"order-shipped", "erp", "b", ParkState::Held},
      {"order-shipped", "slack", "a", ParkState::Held},
  };
  EXPECT_EQ(groups(), expected);
  EXPECT_TRUE(groups(2).empty());
}

TEST_F(Waiting, AGroupIsReleasedInTheOrderOfEventsAndFromWhereItEnded) {
  apply_all({Park{held(3, "a")}, Park{held(1, "a")}, Park{held(2, "a")}, Park{held(4, "b")}});
  const WaitingGroup group{"order-shipped", "erp", "a", ParkState::Held};
  auto released = release_waiting(*connection_, 1, group, 0, 2);
  ASSERT_TRUE(released.ok()) << released.status().to_string();
  EXPECT_EQ(released->count, 2);
  EXPECT_EQ(released->last, 2);
  EXPECT_EQ(schedule(), "1 due, 2 due, 3 held, 4 held");
  EXPECT_EQ(release_waiting(*connection_, 1, group, 4, 2)->count, 0);
  EXPECT_EQ(release_waiting(*connection_, 1, group, 3, 2)->count, 1);
  EXPECT_EQ(schedule(), "1 due, 2 due, 3 due, 4 held");
}

TEST_F(Waiting, WhatHasNoActionAnyMoreBecomesAnOrphan) {
  apply_all({Park{held(1, "a")}, Park{held(2, "a")}});
  const auto moved =
      orphan_waiting(*connection_, 1, groups().front(), "there is no observer any more", 0, 10);
  ASSERT_TRUE(moved.ok());
  EXPECT_EQ(moved->count, 2);
  EXPECT_EQ(scalar("SELECT DISTINCT state || ' ' || reason FROM observer.retries"),
            "orphaned there is no observer any more");
}

TEST_F(Waiting, LanesOfAnyLengthAndAlphabetAreFound) {
  std::string longer;
  for (int i = 0; i < 500; ++i) longer += "ü";
  apply_all({Park{held(1, longer)}});
  const std::vector<WaitingGroup> found = groups();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].lane, cut_lane(longer));
  EXPECT_EQ(found[0].lane.size(), 800U) << "400 characters";
  EXPECT_EQ(release_waiting(*connection_, 1, found[0], 0, 10)->count, 1);
  EXPECT_EQ(
      due_in_lane(*connection_, 1, WallTime::clock::now() + std::chrono::hours(1), 10, {}, longer)
          ->size(),
      1U);
}

TEST_F(Waiting, WhatWasSkippedStaysSkippedBesideItsDeadLetter) {
  apply_all({Bury{make_letter(1)}, logged(make_event(1), "skipped")});
  EXPECT_EQ(scalar("SELECT status FROM observer.observer_events"), "skipped");
  apply_all({logged(make_event(1), "processed")});
  EXPECT_EQ(scalar("SELECT status FROM observer.observer_events"), "skipped");
}

}  // namespace
}  // namespace observerd::store::tests
