#include "integration/store/store_fixture.hpp"

namespace observerd::store::tests {
namespace {

class EventLog : public StoreTest {
 protected:
  std::string event(const std::string& column) {
    return scalar("SELECT " + column + " FROM observer.observer_events");
  }
};

TEST_F(EventLog, WritesWhatUsersLookFor) {
  apply_all({logged(make_event(3), "processed")});
  EXPECT_EQ(event("id"), make_event(3).id.to_string());
  EXPECT_EQ(
      event("event_type || ' ' || entity_type || ' ' || status || ' ' || kind || ' ' || type"),
      "UPDATE Order processed update Order.update");
  EXPECT_EQ(event("data->>'total'"), "1.50");
  EXPECT_EQ(event("new_row"), make_event(3).new_text);
  EXPECT_EQ(event("created_at"), "2026-01-01 00:00:03.123456+00");
  EXPECT_EQ(event("processed_at IS NOT NULL"), "t");
  EXPECT_EQ(event("entity_key || ' ' || user_id || ' ' || outbox_id"), "k ann 3");
}

TEST_F(EventLog, EntityIdIsTheKeyWhenAUuidElseDerivedAndStable) {
  const std::string uuid = "11111111-2222-3333-4444-555555555555";
  apply_all({logged(make_event(1, uuid), "processed"), logged(make_event(2, "k"), "processed"),
             logged(make_event(3, "k"), "processed")});
  EXPECT_EQ(scalar("SELECT string_agg(entity_id::text, ',' ORDER BY outbox_id)"
                   " FROM observer.observer_events"),
            uuid + "," + make_entity_id("Order", "k").to_string() + "," +
                make_entity_id("Order", "k").to_string());
}

TEST_F(EventLog, PendingHasNoTimeOfProcessing) {
  apply_all({logged(make_event(1), "pending")});
  EXPECT_EQ(event("status || ' ' || (processed_at IS NULL)"), "pending true");
  apply_all({logged(make_event(1), "processed")});
  EXPECT_EQ(event("status || ' ' || (processed_at IS NULL)"), "processed false");
}

TEST_F(EventLog, FailedStaysFailedWhileADeadLetterIsOpen) {
  apply_all({logged(make_event(1), "processed"), Bury{make_letter(1)},
             logged(make_event(1), "processed")});
  EXPECT_EQ(event("status"), "failed");
  apply_all({logged(make_event(1), "processed")});
  EXPECT_EQ(event("status"), "failed");
}

TEST_F(EventLog, ALoggedFailureMayBeFollowedBySuccess) {
  apply_all({logged(make_event(1), "failed")});
  apply_all({logged(make_event(1), "processed")});
  EXPECT_EQ(event("status"), "processed");
}

TEST_F(EventLog, CustomEventsShowTheTypeTheirWriterChose) {
  Event custom = make_event(1);
  custom.kind = EventKind::Custom;
  custom.type = "order_overdue";
  custom.new_text.clear();
  custom.old_text.clear();
  apply_all({logged(custom, "skipped")});
  EXPECT_EQ(event("event_type || ' ' || data"), "order_overdue {}");
}

TEST_F(EventLog, TextsThatJsonbRefusesDoNotBreakTheFlush) {
  struct Case {
    const char* text;
    const char* data;
  };
  const Case cases[] = {
      {R"({"a":"x\u0000y"})", R"({"unrepresentable": true})"},
      {R"({"a":"\ud800"})", R"({"unrepresentable": true})"},
      {R"({"a":1e400000})", R"({"unrepresentable": true})"},
      {R"({"a":"\u00e9"})", R"({"a": "é"})"},
      {R"({"a":12345678901234567890.10})", R"({"a": 12345678901234567890.10})"},
      {R"({"a":"\\u0000"})", R"({"a": "\\u0000"})"},
      {R"({"a":"1e999999"})", R"({"a": "1e999999"})"},
  };
  int n = 0;
  std::vector<Write> writes;
  for (const Case& c : cases) {
    Event event = make_event(++n);
    event.new_text = c.text;
    writes.emplace_back(logged(std::move(event), "processed"));
  }
  apply_all(writes);
  const auto found = rows("SELECT new_row, data FROM observer.observer_events ORDER BY outbox_id");
  ASSERT_EQ(found.size(), std::size(cases));
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i][0], cases[i].text);
    EXPECT_EQ(found[i][1], cases[i].data) << cases[i].text;
  }
}

}  // namespace
}  // namespace observerd::store::tests
