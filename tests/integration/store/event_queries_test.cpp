#include "store/event_queries.hpp"
#include "integration/store/store_fixture.hpp"
#include "store/retention.hpp"

namespace observerd::store::tests {
namespace {

using std::chrono::hours;

class EventLogQueries : public StoreTest {
 protected:
  std::string found(const std::function<void(EventFilter&)>& set, int limit = 100,
                    const std::optional<Uuid>& before = {}) {
    EventFilter filter;
    set(filter);
    auto list = list_events(*connection_, filter, limit, before);
    EXPECT_TRUE(list.ok()) << list.status().to_string();
    std::string places;
    if (list.ok()) {
      for (const LoggedEvent& event : *list) places += std::to_string(event.outbox_id) + ' ';
    }
    return places;
  }
  std::string places() {
    return scalar(
        "SELECT coalesce(string_agg(outbox_id::text, ' ' ORDER BY outbox_id), '')"
        " FROM observer.observer_events");
  }
};

TEST_F(EventLogQueries, EveryStatusIsReachable) {
  int n = 0;
  for (const char* status : {"pending", "processed", "failed", "dropped", "skipped"}) {
    apply_all({logged(make_event(++n), status)});
    EXPECT_EQ(found([&](auto& f) { f.status = status; }), std::to_string(n) + ' ');
    EXPECT_EQ(
        scalar("SELECT processed_at IS NULL FROM observer.observer_events WHERE outbox_id = " +
               std::to_string(n)),
        n == 1 ? "t" : "f");
  }
}

TEST_F(EventLogQueries, FiltersNarrowTheListNewestFirst) {
  Event custom = make_event(3, "z", std::string(120, 'E'));
  custom.kind = EventKind::Custom;
  custom.new_text = "{}";
  apply_all({logged(make_event(1), "processed"), logged(make_event(2, "j"), "failed"),
             logged(custom, "skipped")});
  EXPECT_EQ(found([](auto&) {}), "3 2 1 ");
  EXPECT_EQ(found([](auto& f) { f.entity = "Order"; }), "2 1 ");
  EXPECT_EQ(found([&](auto& f) { f.entity = custom.entity; }), "3 ") << "whole, though cut";
  EXPECT_EQ(found([](auto& f) { f.entity = std::string(100, 'E'); }), "");
  EXPECT_EQ(found([](auto& f) { f.key = "j"; }), "2 ");
  EXPECT_EQ(found([](auto& f) { f.kind = "custom"; }), "3 ");
  EXPECT_EQ(found([](auto& f) { f.status = "failed"; }), "2 ");
  EXPECT_EQ(found([](auto& f) { f.since = at(2); }), "3 2 ");
  EXPECT_EQ(found([](auto& f) { f.until = at(2); }), "1 ");
  EXPECT_EQ(found([](auto& f) { f.ids = {make_event(1).id, Uuid::random()}; }), "1 ");
  EXPECT_EQ(found([](auto&) {}, 2), "3 2 ");
  EXPECT_EQ(found([](auto&) {}, 2, make_event(2, "j").id), "1 ");
  EXPECT_EQ(found([](auto& f) { f.key = "' OR true --"; }), "");
}

TEST_F(EventLogQueries, AnEventIsFoundWithItsRowsToTheLetter) {
  Event event = make_event(1);
  event.new_text = R"({"n": 1.50,  "big":12345678901234567890.10, "t":"\u0000"})";
  apply_all({logged(event, "processed")});
  const auto found = *find_event(*connection_, event.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->event.new_text, event.new_text);
  EXPECT_EQ(found->event.old_text, event.old_text);
  EXPECT_EQ(found->event.trace_parent, event.trace_parent);
  EXPECT_EQ(found->logged.user, "ann");
  EXPECT_EQ(found->problem, "");
  EXPECT_FALSE(*find_event(*connection_, Uuid::random()));
}

TEST_F(EventLogQueries, IsReadInPagesInTheOrderOfWriting) {
  std::vector<Write> writes;
  for (int n = 1; n <= 10; ++n) {
    Event event = make_event(n);
    event.created = at(n / 4);  // several at one moment
    writes.emplace_back(logged(std::move(event), "processed"));
  }
  apply_all(writes);
  std::string order;
  std::optional<EventPlace> place;
  int pages = 0;
  do {
    const EventPage page = *read_events(*connection_, {}, 3, place);
    for (const WholeEvent& one : page.events) order += std::to_string(one.event.outbox_id) + ' ';
    place = page.next;
    ++pages;
  } while (place);
  EXPECT_EQ(order, "1 2 3 4 5 6 7 8 9 10 ");
  EXPECT_EQ(pages, 4);
}

TEST_F(EventLogQueries, RetentionDeletesOldEventsInSmallSteps) {
  std::vector<Write> writes;
  for (int n = 1; n <= 5; ++n) writes.emplace_back(logged(make_event(n), "processed"));
  Event young = make_event(6);
  young.created = SystemClock().now();
  writes.emplace_back(logged(young, "processed"));
  apply_all(writes);
  PurgeStep step = *purge_events(*connection_, hours(1), 2);
  EXPECT_EQ(step.deleted, 2);
  EXPECT_EQ(places(), "3 4 5 6");
  ASSERT_TRUE(step.next);
  step = *purge_events(*connection_, hours(1), 2, step.next);
  step = *purge_events(*connection_, hours(1), 2, step.next);
  EXPECT_EQ(step.deleted, 1);
  EXPECT_FALSE(step.next);
  EXPECT_EQ(places(), "6");
  EXPECT_EQ(purge_events(*connection_, Milliseconds(0), 2)->deleted, 0) << "zero keeps all";
}

TEST_F(EventLogQueries, RetentionKeepsWhatADeadLetterOrARetryNeeds) {
  store::DeadLetter discarded = make_letter(1);
  apply_all({Bury{discarded}, Park{make_parked(2)}, logged(make_event(2), "pending"),
             logged(make_event(3), "processed")});
  ASSERT_TRUE(letters_.discard({discarded.id})->front().done);
  // What stays is stepped over.
  PurgeStep step = *purge_events(*connection_, hours(1), 2);
  EXPECT_EQ(step.deleted, 0);
  ASSERT_TRUE(step.next);
  EXPECT_EQ(purge_events(*connection_, hours(1), 2, step.next)->deleted, 1);
  EXPECT_EQ(places(), "1 2");
  apply_all({unpark(make_parked(2))});
  EXPECT_EQ(*letters_.purge({"discarded"}, Milliseconds(1), 10), 1);
  EXPECT_EQ(purge_events(*connection_, hours(1), 10)->deleted, 2);
  EXPECT_EQ(places(), "");
}

TEST_F(EventLogQueries, RetentionLeavesWhatSomebodyHasLocked) {
  apply_all({logged(make_event(1), "processed"), logged(make_event(2), "processed")});
  const auto other = testing::connect(url_);
  const Status status = other->transact([&](pqxx::work& transaction) {
    transaction.exec("SELECT FROM observer.observer_events WHERE outbox_id = 1 FOR KEY SHARE");
    EXPECT_EQ(purge_events(*connection_, hours(1), 10)->deleted, 1) << "without waiting";
    return Status();
  });
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(places(), "1");
}

TEST_F(EventLogQueries, RetentionGoesByTheIndexOnTheTime) {
  rows(
      "INSERT INTO observer.observer_events (id, event_type, entity_type, entity_id, data,"
      " created_at, outbox_id) SELECT md5(n::text)::uuid, 'UPDATE', 'Order', md5(n::text)::uuid,"
      " '{}', clock_timestamp() - (50000 - n) * interval '1 minute', n"
      " FROM generate_series(1, 50000) AS n; ANALYZE observer.observer_events");
  const PurgeStep step = *purge_events(*connection_, hours(1), 100);
  EXPECT_EQ(step.deleted, 100);
  connection_ = testing::connect(url_);
  const std::string plan = [&] {
    std::string lines;
    for (const auto& row :
         rows("EXPLAIN SELECT e.id FROM observer.observer_events AS e WHERE (e.created_at <"
              " clock_timestamp() - interval '1 hour') ORDER BY e.created_at, e.outbox_id, e.id"
              " LIMIT 100")) {
      lines += row[0] + '\n';
    }
    return lines;
  }();
  EXPECT_NE(plan.find("idx_observer_events_created"), std::string::npos) << plan;
}

}  // namespace
}  // namespace observerd::store::tests
