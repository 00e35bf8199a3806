#include <algorithm>

#include "integration/store/store_fixture.hpp"

namespace observerd::store::tests {
namespace {

class Ordering : public StoreTest {};

TEST_F(Ordering, TheFirstBehindIsReleasedWhenItsHeadLeaves) {
  const Parked head = make_parked(1);
  apply_all({Park{head}, Park{make_parked(3, ParkState::Behind)},
             Park{make_parked(2, ParkState::Behind)}});
  EXPECT_EQ(schedule(), "1 due, 2 behind, 3 behind");
  apply_all({unpark(head)});
  EXPECT_EQ(schedule(), "2 due, 3 behind");
  EXPECT_EQ(scalar("SELECT due_at <= clock_timestamp() FROM observer.retries WHERE state = 'due'"),
            "t");
  apply_all({unpark(make_parked(2))});
  apply_all({unpark(make_parked(3))});
  EXPECT_EQ(schedule(), "");
}

TEST_F(Ordering, AnyHeadKeepsWhatIsBehindBehind) {
  for (const ParkState state : {ParkState::Due, ParkState::Held, ParkState::Orphaned}) {
    const Parked head = make_parked(1, state);
    apply_all({Park{head}, Park{make_parked(2, ParkState::Behind)}});
    EXPECT_EQ(schedule(), "1 " + std::string(state_name(state)) + ", 2 behind");
    apply_all({unpark(head)});
    EXPECT_EQ(schedule(), "2 due");
    apply_all({unpark(make_parked(2))});
  }
}

TEST_F(Ordering, ADiscardWithoutTheKeyReleasesToo) {
  apply_all({Park{make_parked(1)}, Park{make_parked(2, ParkState::Behind)}});
  apply_all({Unpark{make_parked(1).delivery_id, "", 1}});
  EXPECT_EQ(schedule(), "2 due");
}

TEST_F(Ordering, WithinOneFlushTheOrderOfWritesDoesNotMatter) {
  // The head leaves while two arrive behind it: all orders of the three writes.
  const Parked head = make_parked(1);
  std::vector<Write> writes{unpark(head), Park{make_parked(2, ParkState::Behind)},
                            Park{make_parked(3, ParkState::Behind)}};
  std::vector<int> order{0, 1, 2};
  do {
    apply_all({Park{head}});
    apply_all({writes[order[0]], writes[order[1]], writes[order[2]]});
    EXPECT_EQ(schedule(), "2 due, 3 behind") << order[0] << order[1] << order[2];
    rows("DELETE FROM observer.retries");
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(Ordering, WhatArrivesBehindAHeadThatHasLeftIsDue) {
  const Parked head = make_parked(1);
  apply_all({Park{head}});
  apply_all({unpark(head)});
  apply_all({Park{make_parked(2, ParkState::Behind)}});
  EXPECT_EQ(schedule(), "2 due");
}

TEST_F(Ordering, HeadAndSuccessorsMayComeAndGoInOneFlush) {
  const Parked one = make_parked(1), two = make_parked(2, ParkState::Behind),
               three = make_parked(3, ParkState::Behind);
  apply_all({Park{one}, Park{two}, Park{three}, unpark(one)});
  EXPECT_EQ(schedule(), "2 due, 3 behind");
  apply_all({unpark(two), unpark(three)});
  EXPECT_EQ(schedule(), "");
}

TEST_F(Ordering, AHeadThatIsParkedAgainKeepsItsPlace) {
  Parked head = make_parked(1);
  apply_all({Park{head}, Park{make_parked(2, ParkState::Behind)}});
  head.attempts = 2;
  apply_all({unpark(head), Park{head}});
  EXPECT_EQ(schedule(), "1 due, 2 behind");
}

TEST_F(Ordering, KeysAndShardsAreApart) {
  Parked other_shard = make_parked(5, ParkState::Due);
  other_shard.event = changed(other_shard.event, [](Event& event) { event.shard = 2; });
  Parked behind_there = make_parked(6, ParkState::Behind);
  behind_there.event = changed(behind_there.event, [](Event& event) { event.shard = 2; });
  apply_all({Park{make_parked(1, ParkState::Due, "a")},
             Park{make_parked(2, ParkState::Behind, "a")},
             Park{make_parked(3, ParkState::Due, "b")},
             Park{make_parked(4, ParkState::Behind, "b")}, Park{other_shard}, Park{behind_there}});
  apply_all({unpark(make_parked(3, ParkState::Due, "b"))});
  EXPECT_EQ(schedule(), "1 due, 2 behind, 4 due, 5 due, 6 behind");
}

TEST_F(Ordering, UnorderedDeliveriesHoldNobody) {
  apply_all({Park{make_parked(1, ParkState::Due, "")}, Park{make_parked(2, ParkState::Due, "")}});
  apply_all({unpark(make_parked(1, ParkState::Due, ""))});
  EXPECT_EQ(schedule(), "2 due");
  EXPECT_TRUE(parked_keys(*connection_, 1)->empty());
}

TEST_F(Ordering, ARedriveIsOutsideTheOrder) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}, Park{make_parked(2)}, Park{make_parked(3, ParkState::Behind)}});
  ASSERT_TRUE(retry(letter.id).done);
  FinishRedrive finish;
  finish.dead_letter = letter.id;
  finish.success = true;
  apply_all({finish});
  EXPECT_EQ(schedule(), "2 due, 3 behind");
}

TEST_F(Ordering, ParkedKeysAreThoseOfTheShard) {
  const std::string long_key(10'000, 'k');
  apply_all({Park{make_parked(1, ParkState::Due, "a")},
             Park{make_parked(2, ParkState::Behind, "a")},
             Park{make_parked(3, ParkState::Held, long_key)}});
  auto keys = *parked_keys(*connection_, 1);
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(keys, (std::vector<std::string>{"a", long_key}));
  EXPECT_TRUE(parked_keys(*connection_, 0)->empty());
  auto still = *still_parked(*connection_, 1, {"a", "gone", long_key, "a"});
  std::sort(still.begin(), still.end());
  EXPECT_EQ(still, (std::vector<std::string>{"a", long_key}));
  EXPECT_TRUE(still_parked(*connection_, 1, {})->empty());
}

}  // namespace
}  // namespace observerd::store::tests
