#include <thread>

#include "integration/store/store_fixture.hpp"
#include "store/deliveries.hpp"

/// The retry schedule as an operator works with it, beside a daemon that settles.
namespace observerd::store::tests {
namespace {

class DeliverySchedule : public StoreTest {
 protected:
  Change retry(const Uuid& id) { return deliveries_.retry({id})->front(); }
  Change discard(const Uuid& id) {
    auto changes = deliveries_.discard({id});
    EXPECT_TRUE(changes.ok()) << changes.status().to_string();
    return changes.ok() ? changes->front() : Change{};
  }
  std::string event_status(int n) {
    return scalar("SELECT status FROM observer.observer_events WHERE outbox_id = " +
                  std::to_string(n));
  }

  Deliveries deliveries_{*connection_};
};

LogEvent log(int n, std::string_view status) {
  return logged(make_event(n), status);
}

TEST_F(DeliverySchedule, ListsSoonestFirstWithWhatTheyWaitFor) {
  Parked head = make_parked(3);
  head.history = {make_attempt(1, "transient_error", "busy"),
                  make_attempt(2, "transient_error", "still busy")};
  Parked held = make_parked(9, ParkState::Held, "other");
  held.reason = "paused: by an operator";
  apply_all({Park{head}, Park{make_parked(5, ParkState::Behind)}, Park{held}});
  const auto list = *deliveries_.list({}, 10);
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].id, head.delivery_id);
  EXPECT_EQ(list[0].state, "due");
  EXPECT_TRUE(list[0].overdue);
  EXPECT_EQ(list[0].lane, head.lane);
  EXPECT_EQ(list[0].due_at, "2026-01-01T00:00:03.000000Z");
  ASSERT_TRUE(list[0].last);
  EXPECT_EQ(list[0].last->message, "still busy");
  EXPECT_EQ(list[1].state, "behind");
  EXPECT_EQ(list[1].waits_for, head.delivery_id);
  EXPECT_EQ(list[1].first_at, "");
  EXPECT_EQ(list[2].reason, "paused: by an operator");
  EXPECT_FALSE(list[2].waits_for);
}

TEST_F(DeliverySchedule, FiltersAndPages) {
  Parked other = make_parked(4, ParkState::Orphaned, "b");
  other.observer = "other";
  other.action = "crm";
  other.action_type = "slack";
  other.lane = "slack";
  other.event = std::make_shared<const Event>(make_event(4, "z", "Invoice"));
  apply_all({Park{make_parked(1, ParkState::Due, "")}, Park{make_parked(2, ParkState::Held, "a")},
             Park{make_parked(3, ParkState::Behind, "a")}, Park{other}});
  const auto found = [&](const auto& set) {
    DeliveryFilter filter;
    set(filter);
    std::string places;
    const auto list = *deliveries_.list(filter, 10);
    for (const DeliveryRow& row : list) places += row.due_at.substr(18, 1);
    EXPECT_EQ(*deliveries_.count(filter), static_cast<std::int64_t>(places.size()));
    EXPECT_EQ(deliveries_.ids(filter, 10)->size(), places.size());
    return places;
  };
  EXPECT_EQ(found([](auto&) {}), "1234");
  EXPECT_EQ(found([](auto& f) { f.state = "held"; }), "2");
  EXPECT_EQ(found([](auto& f) { f.observer = "other"; }), "4");
  EXPECT_EQ(found([](auto& f) { f.action = "crm"; }), "4");
  EXPECT_EQ(found([](auto& f) { f.action_type = "webhook"; }), "123");
  EXPECT_EQ(found([](auto& f) { f.entity = "Invoice"; }), "4");
  EXPECT_EQ(found([](auto& f) { f.key = "k"; }), "123");
  EXPECT_EQ(found([](auto& f) { f.lane = "slack"; }), "4");
  EXPECT_EQ(found([](auto& f) { f.event = make_event(2).id; }), "2");
  const auto first = *deliveries_.list({}, 3);
  const auto second = *deliveries_.list({}, 3, first.back().id);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].id, other.delivery_id);
}

TEST_F(DeliverySchedule, FindGivesTheEventToTheLetterAndEveryAttempt) {
  Parked parked = make_parked(1);
  parked.history = {make_attempt(1, "transient_error", "busy")};
  apply_all({Park{parked}});
  const auto found = *deliveries_.find(parked.delivery_id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->event->new_text, parked.event->new_text);
  EXPECT_EQ(found->history.size(), 1U);
  EXPECT_FALSE(*deliveries_.find(Uuid::random()));
}

TEST_F(DeliverySchedule, RetryMakesDueWhatIsLaterHeldOrOrphaned) {
  Parked later = make_parked(1, ParkState::Due, "a");
  later.due = SystemClock().now() + std::chrono::hours(1);
  Parked held = make_parked(2, ParkState::Held, "b");
  held.reason = "breaker: closed";
  held.due = later.due;
  const Parked orphaned = make_parked(3, ParkState::Orphaned, "c");
  const Parked behind = make_parked(4, ParkState::Behind, "a");
  apply_all({Park{later}, Park{held}, Park{orphaned}, Park{behind}});
  const Uuid unknown = Uuid::random();
  const auto changes =
      *deliveries_.retry({later.delivery_id, held.delivery_id, orphaned.delivery_id,
                          behind.delivery_id, unknown, held.delivery_id});
  ASSERT_EQ(changes.size(), 6U);
  const char* expected[] = {"",
                            "",
                            "",
                            "waits for an earlier delivery of its entity",
                            "is not in the retry schedule",
                            "is given twice"};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(changes[i].done, i < 3) << i;
    EXPECT_EQ(changes[i].why_not, expected[i]) << i;
  }
  EXPECT_EQ(schedule(), "1 due, 2 due, 3 due, 4 behind");
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.retries WHERE state = 'due' AND reason = ''"
                   " AND due_at <= clock_timestamp()"),
            "3");
  EXPECT_EQ(scalar("SELECT min(attempts) FROM observer.retries WHERE outbox_id = 1"), "1")
      << "attempts go on counting";
}

TEST_F(DeliverySchedule, DiscardReleasesTheNextAndLogsTheEventAsSkipped) {
  const Parked head = make_parked(1);
  apply_all({Park{head}, log(1, "pending"), Park{make_parked(2, ParkState::Behind)},
             Park{make_parked(3, ParkState::Behind)}});
  EXPECT_TRUE(discard(head.delivery_id).done);
  EXPECT_EQ(schedule(), "2 due, 3 behind");
  EXPECT_EQ(event_status(1), "skipped");
  const Change again = discard(head.delivery_id);
  EXPECT_FALSE(again.done);
  EXPECT_EQ(again.why_not.rfind("was discarded at 20", 0), 0U) << again.why_not;
  EXPECT_EQ(discard(Uuid::random()).why_not, "is not in the retry schedule");
}

TEST_F(DeliverySchedule, DiscardOfOneBehindTakesItOutOfTheMiddle) {
  apply_all({Park{make_parked(1)}, Park{make_parked(2, ParkState::Behind)},
             Park{make_parked(3, ParkState::Behind)}});
  EXPECT_TRUE(discard(make_parked(2).delivery_id).done);
  EXPECT_EQ(schedule(), "1 due, 3 behind");
}

TEST_F(DeliverySchedule, DiscardRecordsAnEventThatTheLogDidNotHave) {
  apply_all({Park{make_parked(1)}});
  EXPECT_TRUE(discard(make_parked(1).delivery_id).done);
  EXPECT_EQ(scalar("SELECT status || ' ' || new_row FROM observer.observer_events"),
            "skipped " + make_event(1).new_text);
  const auto record = *deliveries_.find_discarded(make_parked(1).delivery_id);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->observer, "order-shipped");
  EXPECT_EQ(record->attempts, 1);
  EXPECT_EQ(deliveries_.discarded_of_event(make_event(1).id)->size(), 1U);
}

TEST_F(DeliverySchedule, AnEventIsSkippedOnlyWhenNothingElseOfItIsScheduledOrFailed) {
  Parked other = make_parked(1, ParkState::Due, "other");
  other.action = "other";
  other.delivery_id = make_delivery_id(other.event->id, other.observer, other.action);
  apply_all({Park{make_parked(1)}, Park{other}, log(1, "pending")});
  EXPECT_TRUE(discard(make_parked(1).delivery_id).done);
  EXPECT_EQ(event_status(1), "pending");
  EXPECT_TRUE(discard(other.delivery_id).done);
  EXPECT_EQ(event_status(1), "skipped");

  store::DeadLetter letter = make_letter(2, "third");
  apply_all({Park{make_parked(2)}, Bury{letter}});
  EXPECT_TRUE(discard(make_parked(2).delivery_id).done);
  EXPECT_EQ(event_status(2), "failed");
}

TEST_F(DeliverySchedule, AnEventIsProcessedOnlyWithTheLastOfItsDeliveries) {
  Parked other = make_parked(1, ParkState::Due, "other");
  other.action = "other";
  other.delivery_id = make_delivery_id(other.event->id, other.observer, other.action);
  apply_all({Park{make_parked(1)}, Park{other}, log(1, "pending")});
  apply_all({unpark(make_parked(1)), log(1, "processed")});
  EXPECT_EQ(event_status(1), "pending");
  apply_all({unpark(other), log(1, "processed")});
  EXPECT_EQ(event_status(1), "processed");
}

TEST_F(DeliverySchedule, AFailedTryUnderWayDoesNotBringADiscardedDeliveryBack) {
  Parked parked = make_parked(1);
  apply_all({Park{parked}, Park{make_parked(2, ParkState::Behind)}, log(1, "pending")});
  EXPECT_TRUE(discard(parked.delivery_id).done);
  EXPECT_EQ(schedule(), "2 due");
  // The daemon had it in flight: its try failed, and it settles "again in a minute".
  parked.attempts = 2;
  apply_all({Park{parked}, log(1, "pending")});
  EXPECT_EQ(schedule(), "2 due");
  EXPECT_EQ(event_status(1), "skipped");
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.retries WHERE state <> 'behind'"), "1");
}

TEST_F(DeliverySchedule, ADeliveredTryUnderWayLeavesNothingBehind) {
  const Parked parked = make_parked(1);
  apply_all({Park{parked}, Park{make_parked(2, ParkState::Behind)}});
  EXPECT_TRUE(discard(parked.delivery_id).done);
  apply_all({unpark(parked), log(1, "processed")});
  EXPECT_EQ(schedule(), "2 due") << "released once";
}

TEST_F(DeliverySchedule, AStrictSequenceDoesNotGoOnAfterItsDiscard) {
  const Parked first = make_parked(1);
  apply_all({Park{first}, Park{make_parked(2, ParkState::Behind)}});
  EXPECT_TRUE(discard(first.delivery_id).done);
  Parked rest = first;
  rest.action = "second";
  rest.delivery_id = make_delivery_id(rest.event->id, rest.observer, rest.action);
  apply_all({unpark(first), Park{rest}});
  EXPECT_EQ(schedule(), "2 due");
}

TEST_F(DeliverySchedule, ADeathUnderWayIsADiscardedDeadLetter) {
  const Parked parked = make_parked(1);
  const store::DeadLetter letter = make_letter(1);
  ASSERT_EQ(parked.delivery_id, letter.delivery_id);
  apply_all({Park{parked}});
  EXPECT_TRUE(discard(parked.delivery_id).done);
  apply_all({unpark(parked), Bury{letter}});
  EXPECT_EQ(item(letter.id).status, "discarded");
  EXPECT_EQ(letters_.history(letter.id)->size(), 2U) << "what happened is kept";
}

TEST_F(DeliverySchedule, ASettlementThatWaitsForADiscardIsVoidToo) {
  // The discard has the row locked and is not committed: the flush waits for it, and sees it then.
  for (const int n : {1, 2}) {
    const Parked parked = make_parked(n, ParkState::Due, "");
    apply_all({Park{parked}});
    std::thread flush;
    const auto other = testing::connect(url_);
    const Status status = other->transact([&](pqxx::work& transaction) {
      const std::string id = parked.delivery_id.to_string();
      transaction.exec("SELECT FROM observer.retries WHERE delivery_id = '" + id +
                       "' FOR UPDATE; INSERT INTO observer.discarded_deliveries (delivery_id,"
                       " event_id, observer, action, ordering_key, attempts, last_error) SELECT"
                       " delivery_id, event_id, observer, action, ordering_key, 1, '' FROM"
                       " observer.retries WHERE delivery_id = '" +
                       id + "'; DELETE FROM observer.retries WHERE delivery_id = '" + id + "'");
      flush = std::thread([&] {
        const auto daemon = testing::connect(url_);
        const std::vector<Write> writes{Park{parked}};
        EXPECT_TRUE(
            daemon->transact([&](pqxx::work& settling) { return apply(settling, *daemon, writes); })
                .ok());
      });
      while (scalar("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0") {
        std::this_thread::yield();
      }
      return Status();
    });
    flush.join();
    ASSERT_TRUE(status.ok());
    EXPECT_EQ(schedule(), "");
  }
}

TEST_F(DeliverySchedule, ConcurrentDiscardsAndSettlementsLeaveNobodyStuck) {
  constexpr int kKeys = 40;
  std::vector<Write> writes;
  for (int key = 0; key < kKeys; ++key) {
    for (int n = 0; n < 3; ++n) {
      writes.emplace_back(
          Park{make_parked(key * 3 + n + 1, n == 0 ? ParkState::Due : ParkState::Behind,
                           "key " + std::to_string(key))});
      writes.emplace_back(log(key * 3 + n + 1, "pending"));
    }
  }
  apply_all(writes);
  // One side settles what is due as delivered or failed, the other discards at random.
  std::thread operating([&] {
    const auto connection = testing::connect(url_);
    Deliveries deliveries(*connection);
    for (int round = 0; round < 20; ++round) {
      std::vector<Uuid> some;
      for (int n = round; n < kKeys * 3; n += 7) some.push_back(make_parked(n + 1).delivery_id);
      const auto changes = deliveries.discard(some);
      EXPECT_TRUE(changes.ok()) << changes.status().to_string();
    }
  });
  const auto daemon = testing::connect(url_);
  for (int round = 0; round < 200; ++round) {
    auto due = *due_deliveries(*daemon, 1, SystemClock().now(), 10, {});
    if (due.empty() && round > 100) break;
    std::vector<Write> settled;
    for (Parked& parked : due) {
      settled.emplace_back(LogEvent{parked.event, round % 3 == 0 ? "pending" : "processed"});
      if (round % 3 == 0) {
        parked.due = SystemClock().now();
        settled.emplace_back(Park{parked});
      } else {
        settled.emplace_back(unpark(parked));
      }
    }
    const Status status = daemon->transact(
        [&](pqxx::work& transaction) { return apply(transaction, *daemon, settled); });
    EXPECT_TRUE(status.ok()) << status.to_string();
  }
  operating.join();
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.retries AS b WHERE state = 'behind' AND NOT"
                   " EXISTS (SELECT FROM observer.retries AS h WHERE h.ordering_key ="
                   " b.ordering_key AND h.state <> 'behind')"),
            "0");
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.observer_events AS e WHERE status = 'pending'"
                   " AND NOT EXISTS (SELECT FROM observer.retries WHERE event_id = e.id)"),
            "0");
}

}  // namespace
}  // namespace observerd::store::tests
