#include <algorithm>
#include <thread>

#include "integration/store/store_fixture.hpp"

namespace observerd::store::tests {
namespace {

class DeadLetter : public StoreTest {};

FinishRedrive redrive(const Uuid& id, bool success, const std::string& message = "") {
  FinishRedrive finish;
  finish.dead_letter = id;
  finish.success = success;
  finish.error_message = message;
  finish.attempts = {make_attempt(1, success ? "success" : "permanent_error", message)};
  finish.attempts.front().code = success ? "" : "http_410";
  return finish;
}

TEST_F(DeadLetter, PushedWithItsEventAndItsWholeMetadata) {
  const store::DeadLetter letter = make_letter(7);
  apply_all({Bury{letter}});

  const DeadLetterRow row = item(letter.id);
  EXPECT_EQ(row.event_id, letter.event->id);
  EXPECT_EQ(row.delivery_id, letter.delivery_id);
  EXPECT_EQ(row.entity, "Order");
  EXPECT_EQ(row.entity_key, "k");
  EXPECT_EQ(row.kind, "update");
  EXPECT_EQ(row.observer, "order-shipped");
  EXPECT_EQ(row.action, "erp");
  EXPECT_EQ(row.action_type, "webhook");
  EXPECT_EQ(row.error, "OB013");
  EXPECT_EQ(row.error_code, "http_503");
  EXPECT_EQ(row.error_message, "the receiver answered 503");
  EXPECT_EQ(row.status, "pending");
  EXPECT_EQ(row.attempts, 2);
  EXPECT_EQ(row.max_attempts, 2);
  EXPECT_FALSE(row.created_at.empty());
  EXPECT_EQ(row.last_retry_at, "");
  EXPECT_EQ(row.action_config.string_or("type"), "webhook");

  EXPECT_EQ(scalar("SELECT status FROM observer.observer_events"), "failed");
  EXPECT_EQ(*letters_.event_json(letter.id), event_json(*letter.event));
}

TEST_F(DeadLetter, HistoryHasEveryAttempt) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  const auto history = *letters_.history(letter.id);
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].attempt, 1);
  EXPECT_EQ(history[0].error_message, "first");
  EXPECT_EQ(history[0].result, "transient_error");
  EXPECT_EQ(history[0].executed_at, "2026-01-01T00:00:01.000000Z");
  EXPECT_EQ(history[1].attempt, 2);
  EXPECT_EQ(history[1].error_message, "second");
}

TEST_F(DeadLetter, TheSameBurialTwiceIsOne) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  apply_all({Bury{letter}, Bury{letter}});
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.observer_dlq_items"), "1");
  EXPECT_EQ(letters_.history(letter.id)->size(), 2U);
  EXPECT_EQ(item(letter.id).attempts, 2);
}

TEST_F(DeadLetter, ADeliveryThatDiesAgainComesBackToItsItem) {
  const store::DeadLetter first = make_letter(1);
  apply_all({Bury{first}});
  ASSERT_TRUE(letters_.discard({first.id})->front().done);
  store::DeadLetter again = make_letter(1);
  again.error_message = "died of a replay";
  apply_all({Bury{again}});

  EXPECT_EQ(scalar("SELECT count(*) FROM observer.observer_dlq_items"), "1");
  const DeadLetterRow row = item(first.id);
  EXPECT_EQ(row.status, "pending");
  EXPECT_EQ(row.error_message, "died of a replay");
  EXPECT_EQ(row.attempts, 4);
  const auto history = *letters_.history(first.id);
  ASSERT_EQ(history.size(), 4U);
  EXPECT_EQ(history[2].attempt, 3);
  EXPECT_EQ(history[3].attempt, 4);
}

TEST_F(DeadLetter, NumbersOfAttemptsGoOnOverWhatIsNotKept) {
  store::DeadLetter letter = make_letter(1);
  // Sixty of these were UNAVAILABLE, which costs none.
  letter.attempts = 60;
  letter.history = {make_attempt(119, "transient_error", ""),
                    make_attempt(120, "transient_error", "")};
  apply_all({Bury{letter}});
  ASSERT_TRUE(retry(letter.id).done);
  FinishRedrive finish = redrive(letter.id, false);
  finish.attempts = {make_attempt(4, "transient_error", ""),
                     make_attempt(5, "permanent_error", "")};
  apply_all({finish});
  std::vector<int> numbers;
  const auto history = *letters_.history(letter.id);
  for (const DeadLetterHistory& one : history) numbers.push_back(one.attempt);
  EXPECT_EQ(numbers, (std::vector<int>{119, 120, 124, 125}));
  EXPECT_EQ(item(letter.id).attempts, 65);
}

TEST_F(DeadLetter, RetryDrivesThatOneActionAtOnceWithABudgetOfItsOwn) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  EXPECT_TRUE(retry(letter.id).done);
  EXPECT_EQ(item(letter.id).status, "retrying");

  const int shard = std::stoi(scalar("SELECT shard FROM observer.retries"));
  EXPECT_EQ(std::to_string(shard), scalar("SELECT observer.shard_of('Order', 'k')"));
  const auto due = *due_deliveries(*connection_, shard, SystemClock().now(), 10, {});
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].delivery_id, letter.delivery_id);
  EXPECT_EQ(due[0].dead_letter, letter.id);
  EXPECT_TRUE(due[0].out_of_order);
  EXPECT_EQ(due[0].ordering_key, "");
  EXPECT_EQ(due[0].attempts, 0);
  EXPECT_EQ(due[0].observer, "order-shipped");
  EXPECT_EQ(due[0].action, "erp");
  EXPECT_EQ(event_json(*due[0].event), event_json(*letter.event));
}

TEST_F(DeadLetter, MarkedSuccessWhenItsRetryIsDelivered) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  ASSERT_TRUE(retry(letter.id).done);
  apply_all({FinishRedrive{redrive(letter.id, true)}});

  const DeadLetterRow row = item(letter.id);
  EXPECT_EQ(row.status, "success");
  EXPECT_EQ(row.attempts, 3);
  EXPECT_EQ(row.error_message, "the receiver answered 503") << "why it had died is kept";
  EXPECT_NE(row.last_retry_at, "");
  const auto history = *letters_.history(letter.id);
  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(history[2].attempt, 3);
  EXPECT_EQ(history[2].result, "success");
  EXPECT_EQ(schedule(), "");
  EXPECT_EQ(scalar("SELECT status FROM observer.observer_events"), "processed");
}

TEST_F(DeadLetter, MarkedFailedAgainAndARetryOfARetryKeepsOneItem) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  for (int round = 1; round <= 2; ++round) {
    ASSERT_TRUE(retry(letter.id).done) << round;
    apply_all({FinishRedrive{redrive(letter.id, false, "gone")}});
    const DeadLetterRow row = item(letter.id);
    EXPECT_EQ(row.status, "retry_failed");
    EXPECT_EQ(row.error_message, "gone");
    EXPECT_EQ(row.error_code, "http_410");
    EXPECT_EQ(row.error, "OB007") << "why it died again";
    EXPECT_EQ(row.attempts, 2 + round);
    EXPECT_EQ(letters_.history(letter.id)->back().attempt, 2 + round);
  }
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.observer_dlq_items"), "1");
  EXPECT_EQ(scalar("SELECT status FROM observer.observer_events"), "failed");
  EXPECT_EQ(schedule(), "");
}

TEST_F(DeadLetter, TheResultOfARetryCountsOnce) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  ASSERT_TRUE(retry(letter.id).done);
  for (int i = 0; i < 2; ++i) apply_all({FinishRedrive{redrive(letter.id, true)}});
  EXPECT_EQ(item(letter.id).attempts, 3);
  EXPECT_EQ(letters_.history(letter.id)->size(), 3U);
}

TEST_F(DeadLetter, EventIsProcessedOnlyWithTheLastOfItsDeadLetters) {
  const store::DeadLetter one = make_letter(1, "a");
  const store::DeadLetter two = make_letter(1, "b");
  apply_all({Bury{one}, Bury{two}});
  const auto status = [&] { return scalar("SELECT status FROM observer.observer_events"); };
  ASSERT_TRUE(retry(one.id).done);
  apply_all({FinishRedrive{redrive(one.id, true)}});
  EXPECT_EQ(status(), "failed");
  ASSERT_TRUE(retry(two.id).done);
  apply_all({FinishRedrive{redrive(two.id, true)}});
  EXPECT_EQ(status(), "processed");
}

TEST_F(DeadLetter, ARedriveThatLeavesTheScheduleWithoutAResultIsPendingAgain) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  ASSERT_TRUE(retry(letter.id).done);
  apply_all({Unpark{letter.delivery_id, "", 1}});
  EXPECT_EQ(item(letter.id).status, "pending");
  EXPECT_TRUE(retry(letter.id).done);
}

TEST_F(DeadLetter, RetryOfADeliveryThatIsInTheScheduleIsRefused) {
  const store::DeadLetter letter = make_letter(1);
  Parked replayed = make_parked(1);
  replayed.delivery_id = letter.delivery_id;
  apply_all({Bury{letter}, Park{replayed}});
  const Change change = retry(letter.id);
  EXPECT_FALSE(change.done);
  EXPECT_EQ(change.why_not, "its delivery is in the retry schedule already");
  EXPECT_EQ(item(letter.id).status, "pending");
}

TEST_F(DeadLetter, WhatCannotBeRetriedSaysWhy) {
  const store::DeadLetter retrying = make_letter(1), discarded = make_letter(2),
                          delivered = make_letter(3), fresh = make_letter(4);
  apply_all({Bury{retrying}, Bury{discarded}, Bury{delivered}, Bury{fresh}});
  ASSERT_TRUE(retry(retrying.id).done);
  ASSERT_TRUE(letters_.discard({discarded.id})->front().done);
  ASSERT_TRUE(retry(delivered.id).done);
  apply_all({FinishRedrive{redrive(delivered.id, true)}});

  const auto changes = *letters_.retry(
      {retrying.id, discarded.id, delivered.id, Uuid::random(), fresh.id, fresh.id});
  ASSERT_EQ(changes.size(), 6U);
  const char* expected[] = {"is being retried already",
                            "was discarded",
                            "was delivered by a retry",
                            "does not exist",
                            "",
                            "is given twice"};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(changes[i].done, i == 4) << i;
    EXPECT_EQ(changes[i].why_not, expected[i]) << i;
  }
}

TEST_F(DeadLetter, DiscardedIsKeptAndLeftAlone) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  EXPECT_TRUE(letters_.discard({letter.id})->front().done);
  EXPECT_EQ(item(letter.id).status, "discarded");
  const auto again = *letters_.discard({letter.id});
  EXPECT_FALSE(again.front().done);
  EXPECT_EQ(again.front().why_not, "was discarded");
  EXPECT_EQ(letters_.history(letter.id)->size(), 2U);
}

TEST_F(DeadLetter, OfConcurrentRetriesOfOneItemOneWins) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  constexpr int kThreads = 6;
  std::vector<Change> outcomes(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const auto connection = testing::connect(url_);
      DeadLetters letters(*connection);
      auto changes = letters.retry({letter.id});
      if (changes.ok()) outcomes[i] = changes->front();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count_if(outcomes.begin(), outcomes.end(), [](const auto& o) { return o.done; }),
            1);
  for (const Change& outcome : outcomes) {
    if (!outcome.done) {
      EXPECT_EQ(outcome.why_not, "is being retried already");
    }
  }
  EXPECT_EQ(schedule(), "1 due");
}

TEST_F(DeadLetter, ConcurrentCommandsOverTheSameItemsDoNotDeadlock) {
  std::vector<Write> writes;
  std::vector<Uuid> ids;
  for (int n = 1; n <= 40; ++n) {
    writes.emplace_back(Bury{make_letter(n)});
    ids.push_back(std::get<Bury>(writes.back()).letter.id);
  }
  apply_all(writes);
  std::vector<int> done(4, -1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      std::vector<Uuid> mine = ids;
      std::rotate(mine.begin(), mine.begin() + 10 * i, mine.end());
      const auto connection = testing::connect(url_);
      DeadLetters letters(*connection);
      auto changes = i % 2 == 0 ? letters.retry(mine) : letters.discard(mine);
      if (!changes.ok()) return;
      done[i] = static_cast<int>(std::count_if(changes->begin(), changes->end(),
                                               [](const auto& change) { return change.done; }));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : done) EXPECT_GE(count, 0) << "a command failed";
  EXPECT_EQ(done[0] + done[1] + done[2] + done[3], 40);
}

TEST_F(DeadLetter, ConcurrentPushesAreAllKept) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      const auto connection = testing::connect(url_);
      for (int flush = 0; flush < 5; ++flush) {
        std::vector<Write> writes;
        for (int n = 0; n < 20; ++n)
          writes.emplace_back(Bury{make_letter(t * 100 + flush * 20 + n)});
        const Status status = connection->transact(
            [&](pqxx::work& transaction) { return apply(transaction, *connection, writes); });
        EXPECT_TRUE(status.ok()) << status.to_string();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.observer_dlq_items"), "300");
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.observer_dlq_history"), "600");
}

TEST_F(DeadLetter, PersistsAcrossConnections) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  connection_.reset();
  const auto other = testing::connect(url_);
  EXPECT_EQ((*DeadLetters(*other).find(letter.id))->error_message, letter.error_message);
}

TEST_F(DeadLetter, StatisticsCountByObserverTypeCodeAndStatus) {
  apply_all({Bury{make_letter(1)}, Bury{make_letter(2)}, Bury{make_letter(3, "other")}});
  const DeadLetterStats stats = *letters_.stats();
  EXPECT_EQ(stats.total, 3);
  ASSERT_EQ(stats.lines.size(), 2U);
  EXPECT_EQ(stats.lines[0].observer, "order-shipped");
  EXPECT_EQ(stats.lines[0].count, 2);
  EXPECT_EQ(stats.lines[0].error_code, "http_503");
  EXPECT_EQ(stats.lines[0].status, "pending");
  EXPECT_FALSE(stats.lines[0].oldest.empty());
}

TEST_F(DeadLetter, NoSecretIsStoredBeyondWhatTheSettingHolds) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  EXPECT_EQ(scalar("SELECT action_config = '{\"type\": \"webhook\", \"url\":"
                   " \"https://***@erp.example.com\", \"signing_secret\": {\"credential\": \"s\"}}'"
                   " FROM observer.observer_dlq_items"),
            "t");
}

TEST_F(DeadLetter, TextsOfAnyKindAreStored) {
  store::DeadLetter letter = make_letter(1);
  letter.error_message = std::string("NUL \0, bad \xff\xc0, quote \" and \\ {brace}", 36);
  letter.action_type = std::string(80, 't');
  letter.action_config.set("body", json::Value::string(std::string("a\0b", 3)));
  letter.event = changed(letter.event, [](Event& event) {
    event.entity = std::string(150, 'E');
    event.kind = EventKind::Custom;
    event.type = std::string(70, 'c');
  });
  letter.history.front().result = "what?";
  apply_all({Bury{letter}});

  const DeadLetterRow row = item(letter.id);
  EXPECT_EQ(row.error_message,
            "NUL \xEF\xBF\xBD, bad \xEF\xBF\xBD\xEF\xBF\xBD, quote \" and \\ {brace}");
  EXPECT_EQ(row.action_type, std::string(50, 't'));
  EXPECT_EQ(row.entity, letter.event->entity) << "whole, though entity_type is cut";
  EXPECT_EQ(json::write(row.action_config), R"({"unrepresentable":true})");
  EXPECT_EQ(letters_.history(letter.id)->front().result, "unknown");
  EXPECT_EQ(*letters_.event_json(letter.id), event_json(*letter.event));
}

}  // namespace
}  // namespace observerd::store::tests
