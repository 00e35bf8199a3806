#include "integration/store/store_fixture.hpp"

namespace observerd::store::tests {
namespace {

class Retry : public StoreTest {};

TEST_F(Retry, ScheduleSurvivesARestartWithAllItHolds) {
  Parked parked = make_parked(5);
  parked.event = changed(parked.event, [](Event& event) { event.old_key = "before"; });
  parked.attempts = 3;
  parked.tries = 7;
  parked.unavailable_since = at(3);
  parked.history = {make_attempt(1, "transient_error", "quote \" NUL \\u0000"),
                    make_attempt(2, "unknown", "")};
  apply_all({Park{parked}});
  connection_ = testing::connect(url_);

  const auto found = due();
  ASSERT_EQ(found.size(), 1U);
  const Parked& row = found.front();
  EXPECT_EQ(row.delivery_id, parked.delivery_id);
  EXPECT_EQ(row.event->id, parked.event->id);
  EXPECT_EQ(event_json(*row.event), event_json(*parked.event));
  EXPECT_EQ(row.event->new_text, parked.event->new_text) << "to the letter, 1.50 and all";
  EXPECT_EQ(row.event->old_text, parked.event->old_text);
  EXPECT_EQ(row.event->old_key, "before");
  EXPECT_EQ(row.event->trace_parent, parked.event->trace_parent);
  EXPECT_EQ(row.event->created, parked.event->created);
  EXPECT_EQ(row.event->outbox_id, 5);
  EXPECT_EQ(row.event->shard, 1);
  EXPECT_EQ(json::write(*row.event->new_row), json::write(*parked.event->new_row));
  EXPECT_EQ(row.observer, parked.observer);
  EXPECT_EQ(row.action, parked.action);
  EXPECT_EQ(row.action_type, parked.action_type);
  EXPECT_EQ(row.lane, parked.lane);
  EXPECT_EQ(row.ordering_key, parked.ordering_key);
  EXPECT_EQ(row.attempts, 3);
  EXPECT_EQ(row.tries, 7);
  EXPECT_EQ(row.first_at, at(0));
  EXPECT_EQ(row.unavailable_since, at(3));
  EXPECT_EQ(row.due, at(5));
  EXPECT_EQ(row.state, ParkState::Due);
  EXPECT_FALSE(row.dead_letter);
  EXPECT_FALSE(row.out_of_order);
  ASSERT_EQ(row.history.size(), 2U);
  EXPECT_EQ(row.history[0].message, parked.history[0].message);
  EXPECT_EQ(row.history[0].at, at(1));
  EXPECT_EQ(row.history[0].took, Milliseconds(20));
  EXPECT_EQ(row.history[1].result, "unknown");
}

TEST_F(Retry, RowsComeDueInOrderAndInPages) {
  std::vector<Write> writes;
  for (const int n : {30, 10, 20, 2000})
    writes.emplace_back(Park{make_parked(n, ParkState::Due, "")});
  apply_all(writes);
  const auto ids = [](const std::vector<Parked>& rows) {
    std::vector<std::int64_t> out;
    for (const Parked& row : rows) out.push_back(row.event->outbox_id);
    return out;
  };
  EXPECT_EQ(ids(due()), (std::vector<std::int64_t>{10, 20, 30})) << "2000 is not due yet";
  EXPECT_EQ(ids(due(2)), (std::vector<std::int64_t>{10, 20}));
  EXPECT_EQ(ids(due(2, {make_parked(10).delivery_id})), (std::vector<std::int64_t>{20, 30}));
  EXPECT_EQ(*next_due(*connection_, 1), at(10));
  EXPECT_EQ(*next_due(*connection_, 2), std::nullopt);
  EXPECT_TRUE(due_deliveries(*connection_, 2, at(1000), 10, {})->empty()) << "another shard";
}

TEST_F(Retry, AnotherAttemptReplacesTheRow) {
  Parked parked = make_parked(1);
  apply_all({Park{parked}});
  parked.attempts = 2;
  parked.due = at(60);
  parked.first_at = WallTime{};
  parked.state = ParkState::Held;
  parked.reason = "paused";
  apply_all({Park{parked}});
  EXPECT_EQ(scalar("SELECT count(*) || ' ' || min(attempts) || ' ' || min(state) || ' ' ||"
                   " min(reason) || ' ' || min(first_at) FROM observer.retries"),
            "1 2 held paused 2026-01-01 00:00:00+00");
  EXPECT_TRUE(due().empty());
  EXPECT_EQ(*next_due(*connection_, 1), std::nullopt);
}

TEST_F(Retry, ATimeOfUnavailabilityIsForgottenWhenItIsOver) {
  Parked parked = make_parked(1);
  parked.unavailable_since = at(0);
  apply_all({Park{parked}});
  parked.unavailable_since.reset();
  apply_all({Park{parked}});
  EXPECT_EQ(due().front().unavailable_since, std::nullopt);
}

TEST_F(Retry, ARowOfAnEarlierVersionHasAsManyTriesAsItsHistory) {
  Parked parked = make_parked(1);
  parked.history = {make_attempt(1, "unknown", ""), make_attempt(2, "unknown", "")};
  apply_all({Park{parked}});
  rows("UPDATE observer.retries SET tries = DEFAULT");
  EXPECT_EQ(due().front().tries, 2);
}

TEST_F(Retry, LaterWritesOfOneDeliveryWin) {
  Parked parked = make_parked(1);
  Parked later = parked;
  later.attempts = 9;
  apply_all({Park{parked}, unpark(parked), Park{later}});
  EXPECT_EQ(due().front().attempts, 9);
  apply_all({Park{parked}, unpark(parked)});
  EXPECT_EQ(schedule(), "");
}

TEST_F(Retry, ADeadDestinationDoesNotSlowOthers) {
  rows(
      "INSERT INTO observer.retries (delivery_id, shard, state, due_at, observer, action,"
      " action_type, lane, event_id, outbox_id, kind, entity, entity_key, type, created_at)"
      " SELECT gen_random_uuid(), 1, 'due', '2025-01-01', 'o', 'a', 'webhook', 'dead',"
      " gen_random_uuid(), n, 'insert', 'E', n::text, 'E.insert', now()"
      " FROM generate_series(1, 50000) AS n");
  rows("ANALYZE observer.retries");
  Parked alive = make_parked(10);
  alive.lane = std::string(1000, 'x') + "alive";
  apply_all({Park{alive}});

  const auto found = due(100, {}, {"dead", "unknown"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().delivery_id, alive.delivery_id);
  EXPECT_EQ(*next_due(*connection_, 1, {"dead"}), at(10));
  EXPECT_EQ(*next_due(*connection_, 1, {"dead", alive.lane}), std::nullopt);
  EXPECT_TRUE(due(100, {}, {"dead", alive.lane}).empty());
  // Not by being quick, but by reading little: a backend that ends hands in its statistics.
  const auto entries_read = [&] {
    return std::stoll(
        scalar("SELECT sum(idx_tup_read) FROM pg_stat_user_indexes"
               " WHERE relname = 'retries'"));
  };
  connection_ = testing::connect(url_);
  const std::string backend = std::to_string(connection_->raw().backendpid());
  const auto before = entries_read();
  due(100, {}, {"dead"});
  connection_.reset();
  while (scalar("SELECT count(*) FROM pg_stat_activity WHERE pid = " + backend) != "0") {
  }
  EXPECT_LT(entries_read() - before, 1000);
}

TEST_F(Retry, ARowWhoseEventCannotBeReadComesAsOrphaned) {
  apply_all({Park{make_parked(1)}});
  rows("UPDATE observer.retries SET new_row = (repeat('[', 300) || repeat(']', 300))::json");
  const auto found = due();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().state, ParkState::Orphaned);
  EXPECT_NE(found.front().reason.find("the new row cannot be read"), std::string::npos);
  EXPECT_FALSE(found.front().event->new_row);
}

TEST_F(Retry, HeldAndOrphanedRowsAreCountedAndNotDue) {
  Parked held = make_parked(1, ParkState::Held, "a");
  Parked orphaned = make_parked(2, ParkState::Orphaned, "b");
  Parked late = make_parked(4, ParkState::Due, "c");
  apply_all({Park{held}, Park{orphaned}, Park{late}, Park{make_parked(5, ParkState::Behind, "c")},
             Park{make_parked(3, ParkState::Due, "")}, Bury{make_letter(9)},
             ParkBadRow{8, 1, "E", "k", "no JSON", "{"}});
  const StoreCounts counted = *counts(*connection_);
  EXPECT_EQ(counted.retries, (std::array<std::int64_t, 4>{2, 1, 1, 1}));
  EXPECT_EQ(counted.earliest_due, at(3));
  EXPECT_EQ(counted.pending, 1);
  EXPECT_EQ(counted.retrying + counted.success + counted.retry_failed + counted.discarded, 0);
  EXPECT_EQ(counted.bad_rows, 1);
  EXPECT_EQ(due().size(), 2U);
}

TEST_F(Retry, CountsOfAnEmptyDatabaseAreZero) {
  const StoreCounts counted = *counts(*connection_);
  EXPECT_EQ(counted.retries, (std::array<std::int64_t, 4>{}));
  EXPECT_EQ(counted.earliest_due, std::nullopt);
  EXPECT_EQ(counted.pending + counted.bad_rows, 0);
}

TEST_F(Retry, ABadRowIsKeptAsItCame) {
  apply_all({ParkBadRow{8, 1, "E", "k", "no JSON", "{\"x\": \"\\u0000"}});
  apply_all({ParkBadRow{8, 1, "E", "k", "seen again", "{"}, ParkBadRow{9, 1, "E", "k", "r", ""}});
  EXPECT_EQ(scalar("SELECT string_agg(outbox_id || ' ' || reason || ' ' || row_text, ',' ORDER BY"
                   " outbox_id) FROM observer.bad_rows"),
            "8 seen again {,9 r ");
}

TEST_F(Retry, HoldStopsARowThatCannotBeStored) {
  apply_all({Park{make_parked(1)}, Park{make_parked(2, ParkState::Behind)}});
  const Status status = connection_->transact([&](pqxx::work& transaction) {
    return hold(transaction, *connection_, {make_parked(1).delivery_id, make_parked(2).delivery_id},
                "too large");
  });
  ASSERT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(schedule(), "1 held, 2 behind");
}

TEST_F(Retry, ErrorsOfTheDatabaseAreStorageErrorsWithTheirSqlstate) {
  rows("ALTER TABLE observer.retries RENAME TO elsewhere");
  const Status status = try_apply({Park{make_parked(1)}});
  EXPECT_EQ(status.code(), Code::Storage);
  EXPECT_EQ(postgres::sqlstate(status), "42P01");
  EXPECT_EQ(next_due(*connection_, 1).status().code(), Code::Storage);
  EXPECT_EQ(parked_keys(*connection_, 1).status().code(), Code::Storage);
  EXPECT_EQ(counts(*connection_).status().code(), Code::Storage);
  EXPECT_EQ(due_deliveries(*connection_, 1, at(0), 1, {}).status().code(), Code::Storage);
}

}  // namespace
}  // namespace observerd::store::tests
