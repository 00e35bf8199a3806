#include <algorithm>
#include <thread>

#include "integration/store/store_fixture.hpp"
#include "store/deliveries.hpp"

/// The dead letter queue as an operator works with it: filters, pages, changes of many, purge.
namespace observerd::store::tests {
namespace {

class DeadLetterQueue : public StoreTest {
 protected:
  std::string found(const std::function<void(DeadLetterFilter&)>& set, int limit = 100) {
    DeadLetterFilter filter;
    set(filter);
    auto list = letters_.list(filter, limit);
    EXPECT_TRUE(list.ok()) << list.status().to_string();
    std::string names;
    if (list.ok()) {
      for (const DeadLetterRow& row : *list) names += row.observer;
    }
    return names;
  }
  /// `count` pending letters, written by the server: one event each, filed a second apart.
  void fill(int count) {
    rows(
        "INSERT INTO observer.observer_events (id, event_type, entity_type, entity_id, data, kind,"
        " type, entity_key, status, outbox_id, new_row)"
        " SELECT md5('e' || n)::uuid, 'UPDATE', 'Order', md5('k' || n)::uuid, '{}', 'update',"
        " 'Order.update', n::text, 'failed', n, '{\"n\":1}' FROM generate_series(1, " +
        std::to_string(count) +
        ") AS n; INSERT INTO observer.observer_dlq_items (id, event_id, action_type,"
        " action_config, error_message, created_at, delivery_id, observer, action, error,"
        " error_code) SELECT md5('i' || n)::uuid, md5('e' || n)::uuid, 'webhook', '{}', 'no',"
        " timestamptz '2026-01-01T00:00:00Z' + n * interval '1 second', md5('d' || n)::uuid,"
        " 'observer', 'action', 'OB007', 'http_400' FROM generate_series(1, " +
        std::to_string(count) + ") AS n");
  }
};

TEST_F(DeadLetterQueue, FiltersNarrowTheList) {
  store::DeadLetter one = make_letter(1, "a"), two = make_letter(2, "b"),
                    three = make_letter(3, "c");
  two.action_type = "slack";
  two.error_code = "";
  two.error = Code::ActionFailedForGood;
  three.event = std::make_shared<const Event>(make_event(3, "other", "Invoice"));
  three.delivery_id = make_delivery_id(three.event->id, "c", "erp");
  three.action = "books";
  apply_all({Bury{one}, Bury{two}, Bury{three}});
  ASSERT_TRUE(retry(three.id).done);
  rows(
      "UPDATE observer.observer_dlq_items SET created_at = timestamptz '2026-01-01T00:00:00Z'"
      " + CASE observer WHEN 'a' THEN 1 WHEN 'b' THEN 2 ELSE 3 END * interval '1 second'");

  EXPECT_EQ(found([](auto&) {}), "cba") << "newest first";
  EXPECT_EQ(found([](auto& f) { f.statuses = {"pending"}; }), "ba");
  EXPECT_EQ(found([](auto& f) { f.statuses = {"retrying", "discarded"}; }), "c");
  EXPECT_EQ(found([](auto& f) { f.observer = "a"; }), "a");
  EXPECT_EQ(found([](auto& f) { f.action = "books"; }), "c");
  EXPECT_EQ(found([](auto& f) { f.action_type = "slack"; }), "b");
  EXPECT_EQ(found([](auto& f) { f.code = "http_503"; }), "ca");
  EXPECT_EQ(found([](auto& f) { f.code = "OB007"; }), "b");
  EXPECT_EQ(found([](auto& f) { f.entity = "Invoice"; }), "c");
  EXPECT_EQ(found([](auto& f) { f.key = "k"; }), "ba");
  EXPECT_EQ(found([&](auto& f) { f.event = two.event->id; }), "b");
  EXPECT_EQ(found([](auto& f) { f.since = at(2); }), "cb");
  EXPECT_EQ(found([](auto& f) { f.until = at(2); }), "a");
  EXPECT_EQ(found([](auto& f) {
              f.code = "http_503";
              f.statuses = {"pending"};
            }),
            "a");
  EXPECT_EQ(found([](auto&) {}, 2), "cb");
  EXPECT_EQ(found([](auto& f) { f.observer = "' OR true --"; }), "");
  EXPECT_EQ(found([](auto& f) { f.statuses = {"\"}', '{"}; }), "");
}

TEST_F(DeadLetterQueue, PagesGoOnBehindTheLastOfThePageBefore) {
  fill(7);
  rows("UPDATE observer.observer_dlq_items SET created_at = '2026-01-01'");  // all at once
  std::vector<Uuid> seen;
  std::optional<Uuid> before;
  for (int page = 0; page < 3; ++page) {
    const auto list = *letters_.list({}, 3, before);
    EXPECT_EQ(list.size(), page < 2 ? 3U : 1U);
    for (const DeadLetterRow& row : list) seen.push_back(row.id);
    before = list.back().id;
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()) - seen.begin(), 7);
  EXPECT_TRUE(letters_.list({}, 3, before)->empty());
}

TEST_F(DeadLetterQueue, AHundredThousandAreReadAndChangedInBoundedBatches) {
  constexpr int kCount = 100'000;
  fill(kCount);
  DeadLetterFilter filter;
  filter.observer = "observer";
  EXPECT_EQ(*letters_.count(filter), kCount);
  // Not all are retried, which would only take longer; that pages have an end is what counts.
  filter.since = at(kCount - 1499);
  int done = 0;
  std::optional<DeadLetterPlace> place;
  for (int page = 0; page < 4; ++page) {
    const DeadLetterPage ids = *letters_.page(filter, 500, place);
    const auto changes = *letters_.retry(ids.ids);
    done += static_cast<int>(
        std::count_if(changes.begin(), changes.end(), [](const Change& c) { return c.done; }));
    place = ids.next;
    if (!place) break;
  }
  EXPECT_EQ(done, 1500);
  EXPECT_FALSE(place);
  // Due in the order of their events, all of them.
  EXPECT_EQ(scalar("SELECT array_agg(outbox_id ORDER BY due_at) ="
                   " array_agg(outbox_id ORDER BY outbox_id) FROM observer.retries"),
            "t");
  EXPECT_EQ(letters_.list({}, 100)->size(), 100U);
}

TEST_F(DeadLetterQueue, RetryStatesComeInTheOrderAskedFor) {
  const store::DeadLetter one = make_letter(1), two = make_letter(2);
  apply_all({Bury{one}, Bury{two}});
  ASSERT_TRUE(retry(two.id).done);
  const auto states = *letters_.retry_states({two.id, Uuid::random(), one.id});
  ASSERT_EQ(states.size(), 3U);
  EXPECT_EQ(states[0].status, "retrying");
  EXPECT_EQ(states[1].status, "");
  EXPECT_EQ(states[2].status, "pending");
}

TEST_F(DeadLetterQueue, PurgeDeletesWhatIsFinishedAndOld) {
  fill(6);
  rows(
      "UPDATE observer.observer_dlq_items SET created_at = clock_timestamp() - interval '10 days',"
      " status = (ARRAY['pending', 'success', 'discarded', 'retry_failed', 'success',"
      " 'discarded'])[(SELECT outbox_id FROM observer.observer_events AS e WHERE e.id = event_id)];"
      // One was delivered just now, one is new.
      "UPDATE observer.observer_dlq_items SET last_retry_at = clock_timestamp()"
      " WHERE id = md5('i5')::uuid;"
      "UPDATE observer.observer_dlq_items SET created_at = clock_timestamp()"
      " WHERE id = md5('i6')::uuid;"
      "INSERT INTO observer.observer_dlq_history (dlq_item_id, attempt_number, result)"
      " SELECT id, 1, 'unknown' FROM observer.observer_dlq_items");
  const Milliseconds week = std::chrono::hours(24 * 7);
  EXPECT_EQ(*letters_.count_purge({"success", "discarded"}, week), 2);
  EXPECT_EQ(*letters_.purge({"success", "discarded"}, week, 1), 1) << "a bounded step";
  EXPECT_EQ(*letters_.purge({"success", "discarded"}, week, 100), 1);
  EXPECT_EQ(*letters_.purge({"success", "discarded"}, week, 100), 0);
  EXPECT_EQ(scalar("SELECT string_agg(status, ' ' ORDER BY status) FROM"
                   " observer.observer_dlq_items"),
            "discarded pending retry_failed success");
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.observer_dlq_history"), "4");
  EXPECT_EQ(*letters_.purge({"pending"}, week, 100), 1) << "when it is asked for by name";
}

TEST_F(DeadLetterQueue, PurgeLeavesWhatIsScheduledOrLocked) {
  fill(2);
  rows("UPDATE observer.observer_dlq_items SET created_at = '2020-01-01'");
  ASSERT_TRUE(retry(*Uuid::parse(scalar("SELECT md5('i1')::uuid"))).done);
  rows("UPDATE observer.observer_dlq_items SET status = 'success', last_retry_at = NULL");
  const auto other = testing::connect(url_);
  const Status status = other->transact([&](pqxx::work& transaction) {
    transaction.exec(
        "SELECT FROM observer.observer_dlq_items WHERE id = md5('i2')::uuid FOR UPDATE");
    EXPECT_EQ(*letters_.purge({"success"}, Milliseconds(1), 100), 0) << "without waiting";
    return Status();
  });
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(*letters_.purge({"success"}, Milliseconds(1), 100), 1) << "the other is scheduled";
}

TEST_F(DeadLetterQueue, RetryAfterADiscardedRedriveIsScheduledForGood) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  ASSERT_TRUE(retry(letter.id).done);
  ASSERT_TRUE(Deliveries(*connection_).discard({letter.delivery_id})->front().done);
  EXPECT_EQ(item(letter.id).status, "pending");
  ASSERT_TRUE(retry(letter.id).done);
  // Another attempt is due: that it was discarded once must not take it out again.
  Parked again = make_parked(1, ParkState::Due, "");
  again.dead_letter = letter.id;
  apply_all({Park{again}});
  EXPECT_EQ(schedule(), "1 due");
}

TEST_F(DeadLetterQueue, TheResultOfATryCountsThoughItsDeliveryWasDiscarded) {
  const store::DeadLetter letter = make_letter(1);
  apply_all({Bury{letter}});
  ASSERT_TRUE(retry(letter.id).done);
  ASSERT_TRUE(Deliveries(*connection_).discard({letter.delivery_id})->front().done);
  FinishRedrive finish;
  finish.dead_letter = letter.id;
  finish.success = true;
  finish.attempts = {make_attempt(1, "success", "")};
  apply_all({finish, Unpark{letter.delivery_id, "", 1}});
  EXPECT_EQ(item(letter.id).status, "success");
  EXPECT_EQ(letters_.history(letter.id)->size(), 3U);
}

}  // namespace
}  // namespace observerd::store::tests
