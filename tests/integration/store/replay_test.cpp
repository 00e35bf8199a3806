#include <set>

#include "integration/store/store_fixture.hpp"
#include "store/deliveries.hpp"
#include "store/replay.hpp"

namespace observerd::store::tests {
namespace {

class Replays : public StoreTest {
 protected:
  std::vector<ReplayOutcome> schedule_all(const std::vector<Replay>& replays) {
    auto outcomes = schedule_replays(*connection_, replays);
    EXPECT_TRUE(outcomes.ok()) << outcomes.status().to_string();
    return outcomes.ok() ? *outcomes : std::vector<ReplayOutcome>{};
  }
  ReplayOutcome schedule_one(const Replay& replay) { return schedule_all({replay}).at(0); }
};

Replay make_replay(int n, const std::string& ordering_key = "", const std::string& action = "erp") {
  const Event event = make_event(n);
  Replay replay;
  replay.delivery_id = make_delivery_id(event.id, "order-shipped", action);
  replay.event_id = event.id;
  replay.entity = event.entity;
  replay.key = event.key;
  replay.observer = "order-shipped";
  replay.action = action;
  replay.action_type = "webhook";
  replay.ordering_key = replay_key(ordering_key);
  return replay;
}

TEST_F(Replays, ARowIsAsThatOfADeliveryWithoutAttempts) {
  apply_all({logged(make_event(1), "processed")});
  EXPECT_EQ(schedule_one(make_replay(1)), ReplayOutcome::Scheduled);
  const int shard = std::stoi(scalar("SELECT observer.shard_of('Order', 'k')"));
  const auto due = *due_deliveries(*connection_, shard, SystemClock().now(), 10, {});
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].delivery_id, make_replay(1).delivery_id) << "receivers know what they had";
  EXPECT_TRUE(due[0].out_of_order);
  EXPECT_EQ(due[0].attempts, 0);
  EXPECT_FALSE(due[0].dead_letter);
  EXPECT_EQ(event_json(*due[0].event), event_json(make_event(1)));
  EXPECT_EQ(due[0].action_type, "webhook");
}

TEST_F(Replays, AreDueInTheOrderOfEventsAndThenOfTheList) {
  apply_all({logged(make_event(2), "processed"), logged(make_event(1), "processed")});
  schedule_all({make_replay(2, "", "z"), make_replay(2, "", "a"), make_replay(1, "", "z"),
                make_replay(1, "", "a")});
  EXPECT_EQ(scalar("SELECT string_agg(outbox_id || action, ' ' ORDER BY due_at)"
                   " FROM observer.retries"),
            "1z 1a 2z 2a");
}

TEST_F(Replays, OfOneKeyTheFirstIsDueAndTheOthersFollow) {
  apply_all({logged(make_event(1), "processed"), logged(make_event(2), "processed"),
             logged(make_event(3), "processed")});
  schedule_all({make_replay(1, "key"), make_replay(2, "key")});
  schedule_all({make_replay(3, "key")});
  EXPECT_EQ(schedule(), "1 due, 2 behind, 3 behind");
  const auto leave = [&](int n) {
    apply_all({Unpark{make_replay(n).delivery_id, replay_key("key"),
                      std::stoi(scalar("SELECT min(shard) FROM observer.retries"))}});
  };
  leave(1);
  EXPECT_EQ(schedule(), "2 due, 3 behind");
  leave(2);
  EXPECT_EQ(schedule(), "3 due");
}

TEST_F(Replays, AKeyOfTheStreamIsNotHeldUp) {
  apply_all({logged(make_event(1), "processed"), Park{make_parked(5, ParkState::Due, "key")}});
  schedule_all({make_replay(1, "key")});
  EXPECT_EQ(schedule(), "1 due, 5 due");
}

TEST_F(Replays, WhatIsScheduledIsLeftAlone) {
  Parked parked = make_parked(1);
  parked.attempts = 7;
  apply_all({logged(make_event(1), "pending"), Park{parked}});
  const auto outcomes = schedule_all({make_replay(1), make_replay(1, "", "other")});
  EXPECT_EQ(outcomes[0], ReplayOutcome::InSchedule);
  EXPECT_EQ(outcomes[1], ReplayOutcome::Scheduled);
  EXPECT_EQ(scalar("SELECT attempts FROM observer.retries WHERE action = 'erp'"), "7");
  EXPECT_EQ(schedule_one(make_replay(1, "", "other")), ReplayOutcome::InSchedule);
  EXPECT_EQ(schedule_one(make_replay(9)), ReplayOutcome::Gone) << "the log has no such event";
}

TEST_F(Replays, AnOpenDeadLetterIsRetriedOneThatIsBeingRetriedIsLeftAlone) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  EXPECT_EQ(schedule_one(make_replay(1)), ReplayOutcome::Retried);
  EXPECT_EQ(item(letter.id).status, "retrying");
  EXPECT_EQ(scalar("SELECT dead_letter FROM observer.retries"), letter.id.to_string());
  EXPECT_EQ(schedule_one(make_replay(1)), ReplayOutcome::InSchedule);
}

TEST_F(Replays, WhatWasSkippedOrDroppedIsOnItsWayAgain) {
  apply_all(
      {logged(make_event(1), "dropped"), logged(make_event(2), "pending"), Park{make_parked(2)}});
  ASSERT_TRUE(Deliveries(*connection_).discard({make_parked(2).delivery_id})->front().done);
  schedule_all({make_replay(1), make_replay(2)});
  EXPECT_EQ(scalar("SELECT string_agg(DISTINCT status, ',') FROM observer.observer_events"),
            "pending");
  // The discard of before does not count any more.
  Parked again = make_parked(2, ParkState::Due, "");
  apply_all({Park{again}});
  EXPECT_EQ(schedule(), "1 due, 2 due");
  apply_all({unpark(again), logged(make_event(2), "processed")});
  EXPECT_EQ(scalar("SELECT status FROM observer.observer_events WHERE outbox_id = 2"), "processed");
}

TEST_F(Replays, ThePlanSaysTheSameAndChangesNothing) {
  const store::DeadLetter letter = make_letter(3);
  apply_all({logged(make_event(1), "dropped"), logged(make_event(2), "pending"),
             Park{make_parked(2)}, Bury{letter}});
  const std::vector<Replay> replays{make_replay(1), make_replay(2), make_replay(3), make_replay(9)};
  const auto planned = *plan_replays(*connection_, replays);
  EXPECT_EQ(schedule(), "2 due");
  EXPECT_EQ(item(letter.id).status, "pending");
  EXPECT_EQ(scalar("SELECT status FROM observer.observer_events WHERE outbox_id = 1"), "dropped");
  EXPECT_EQ(schedule_all(replays), planned);
}

}  // namespace
}  // namespace observerd::store::tests
