#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "event/event.hpp"
#include "store/dead_letters.hpp"
#include "store/store.hpp"
#include "support/postgres.hpp"

namespace observerd::store {

/// A moment that is easy to read in a failure: 2026-01-01T00:00:00Z plus seconds.
inline WallTime at(int seconds) {
  return WallTime(std::chrono::seconds(1'767'225'600 + seconds));
}

/// An update of one order; `n` makes its id, its place in the stream and its row.
inline Event make_event(int n, const std::string& key = "k", const std::string& entity = "Order") {
  Event event;
  event.outbox_id = n;
  event.id = make_event_id(Uuid{}, n, 1, 0, entity, key);
  event.kind = EventKind::Update;
  event.entity = entity;
  event.key = key;
  event.type = entity + ".update";
  event.user = "ann";
  event.trace_parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  event.created = at(n) + std::chrono::microseconds(123456);
  event.new_text = R"({"id":")" + key + R"(", "n":)" + std::to_string(n) + R"(,"total":1.50})";
  event.old_text = R"({"id":")" + key + R"("})";
  event.new_row = *json::parse(event.new_text, Code::BadEvent);
  event.old_row = *json::parse(event.old_text, Code::BadEvent);
  event.shard = 1;
  return event;
}

inline Parked make_parked(int n, ParkState state = ParkState::Due,
                          const std::string& ordering_key = "order key") {
  Parked parked;
  parked.event = std::make_shared<const Event>(make_event(n));
  parked.observer = "order-shipped";
  parked.action = "erp";
  parked.action_type = "webhook";
  parked.delivery_id = make_delivery_id(parked.event->id, parked.observer, parked.action);
  parked.lane = "webhook erp.example.com";
  parked.ordering_key = ordering_key;
  parked.attempts = state == ParkState::Behind ? 0 : 1;
  parked.first_at = state == ParkState::Behind ? WallTime{} : at(0);
  parked.due = at(n);
  parked.state = state;
  return parked;
}

/// The same event with something changed.
template <typename Change>
std::shared_ptr<const Event> changed(const std::shared_ptr<const Event>& event, Change change) {
  auto copy = std::make_shared<Event>(*event);
  change(*copy);
  return copy;
}

inline LogEvent logged(Event event, std::string_view status) {
  return {std::make_shared<const Event>(std::move(event)), status};
}

inline Unpark unpark(const Parked& parked) {
  return {parked.delivery_id, parked.ordering_key, parked.event->shard};
}

inline Attempt make_attempt(int number, const std::string& result, const std::string& message) {
  return {number, at(number), Milliseconds(20), result, "http_503", message};
}

inline DeadLetter make_letter(int n, const std::string& observer = "order-shipped") {
  DeadLetter letter;
  letter.id = Uuid::random();
  letter.event = std::make_shared<const Event>(make_event(n));
  letter.observer = observer;
  letter.action = "erp";
  letter.action_type = "webhook";
  letter.delivery_id = make_delivery_id(letter.event->id, letter.observer, letter.action);
  letter.action_config = *json::parse(
      R"({"type":"webhook","url":"https://***@erp.example.com","signing_secret":{"credential":"s"}})",
      Code::Storage);
  letter.error = Code::RetriesExhausted;
  letter.error_code = "http_503";
  letter.error_message = "the receiver answered 503";
  letter.attempts = 2;
  letter.max_attempts = 2;
  letter.history = {make_attempt(1, "transient_error", "first"),
                    make_attempt(2, "transient_error", "second")};
  return letter;
}

/// A database of its own, with everything migrated.
class StoreTest : public ::testing::Test {
 protected:
  StoreTest()
      : url_(testing::fresh_database()),
        connection_(testing::connect(url_)),
        letters_(*connection_) {}

  Status try_apply(const std::vector<Write>& writes) {
    return connection_->transact(
        [&](pqxx::work& transaction) { return apply(transaction, *connection_, writes); });
  }
  void apply_all(const std::vector<Write>& writes) {
    const Status status = try_apply(writes);
    ASSERT_TRUE(status.ok()) << status.to_string();
  }
  std::string scalar(const std::string& sql) { return testing::scalar(url_, sql); }
  testing::Rows rows(const std::string& sql) { return testing::run_sql(url_, sql); }
  /// "1 due, 2 behind": outbox ids and states, in the order of events.
  std::string schedule() {
    return scalar(
        "SELECT coalesce(string_agg(outbox_id || ' ' || state, ', ' ORDER BY outbox_id), '')"
        " FROM observer.retries");
  }
  std::vector<Parked> due(int limit = 100, const std::vector<Uuid>& skip = {},
                          const std::vector<std::string>& closed = {}) {
    auto result = due_deliveries(*connection_, 1, at(1000), limit, skip, closed);
    EXPECT_TRUE(result.ok()) << result.status().to_string();
    return result.ok() ? std::move(*result) : std::vector<Parked>{};
  }
  DeadLetterRow item(const Uuid& id) {
    auto found = letters_.find(id);
    EXPECT_TRUE(found.ok() && found->has_value());
    return found.ok() && *found ? std::move(**found) : DeadLetterRow{};
  }
  Change retry(const Uuid& id) {
    auto changes = letters_.retry({id});
    EXPECT_TRUE(changes.ok()) << changes.status().to_string();
    return changes.ok() ? changes->front() : Change{};
  }

  std::string url_;
  std::unique_ptr<postgres::Connection> connection_;
  DeadLetters letters_;
};

}  // namespace observerd::store
