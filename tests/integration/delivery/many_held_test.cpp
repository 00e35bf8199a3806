#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "integration/delivery/host.hpp"
#include "store/waiting.hpp"

/// A very long row of deliveries for one dead destination.
namespace observerd::delivery::tests {
namespace {

using plugin::Outcome;
using std::chrono::steady_clock;

constexpr const char* kRows = "200000";

/// Held rows of one observer and lane, in shard 0 to 3 by turns.
std::string insert_held(const std::string& count) {
  return "INSERT INTO observer.retries (delivery_id, shard, state, due_at, ordering_key, observer,"
         " action, action_type, lane, reason, event_id, outbox_id, kind, entity, entity_key, type,"
         " created_at, new_row) SELECT gen_random_uuid(), i % 4, 'held', now(), '', 'dead', 'act',"
         " 'fake', 'fake dead', 'paused', gen_random_uuid(), i, 'custom', 'Order', 'k' || i,"
         " 'Order.custom', now(), '{\"n\": 0}' FROM generate_series(1, " +
         count + ") AS i";
}

template <typename Run>
double milliseconds(const Run& run) {
  const auto begin = steady_clock::now();
  run();
  return std::chrono::duration<double, std::milli>(steady_clock::now() - begin).count();
}

class ManyHeld : public ::testing::Test {
 protected:
  Host host_;
};

TEST_F(ManyHeld, AreLookedAtAsAGroupWhateverTheirNumber) {
  auto connection = testing::connect(host_.url());
  const auto look = [&] {
    const auto groups = store::waiting_groups(*connection, 1);
    EXPECT_TRUE(groups.ok());
    return groups.ok() ? groups->size() : 0;
  };
  const auto median = [&] {
    std::vector<double> times;
    for (int i = 0; i < 9; ++i) times.push_back(milliseconds(look));
    std::sort(times.begin(), times.end());
    return times[4];
  };
  host_.sql(insert_held("40"));
  EXPECT_EQ(look(), 1u);
  const double few = median();
  host_.sql("TRUNCATE observer.retries");
  host_.sql(insert_held(kRows));
  EXPECT_EQ(look(), 1u);
  const double many = median();
  std::printf("a look at 10 held rows takes %.2f ms, at 50,000 %.2f ms\n", few, many);
  EXPECT_LT(many, few * 5 + 5);
  // By the index alone: no sort of the rows, no walk over them.
  host_.sql("ANALYZE observer.retries");
  const std::string plan = host_.scalar(
      "EXPLAIN (FORMAT JSON) SELECT observer, action, left(lane, 400), state FROM observer.retries"
      " WHERE shard = 1 AND state IN ('held', 'orphaned') AND reason NOT LIKE 'storage%'"
      " AND (observer, action, left(lane, 400), state) > ('a', 'a', 'a', 'held')"
      " ORDER BY observer, action, left(lane, 400), state LIMIT 1");
  EXPECT_NE(plan.find("idx_retries_waiting"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("Sort"), std::string::npos) << plan;
}

TEST_F(ManyHeld, AReleaseCostsTheSameAtTheEndAsAtTheBeginningWithoutAnyVacuum) {
  host_.sql(insert_held(kRows));
  auto connection = testing::connect(host_.url());
  const store::WaitingGroup group{"dead", "act", "fake dead", store::ParkState::Held};
  // What was released stays in the way as dead entries: a snapshot holds them.
  pqxx::connection pinned(host_.url());
  pqxx::nontransaction pin(pinned);
  pin.exec("BEGIN ISOLATION LEVEL REPEATABLE READ");
  pin.exec("SELECT 1");
  std::int64_t from = 0;
  const auto release = [&](int batches) {
    for (int i = 0; i < batches; ++i) {
      const auto released = store::release_waiting(*connection, 1, group, from, 500);
      ASSERT_TRUE(released.ok()) << released.status().to_string();
      ASSERT_EQ(released->count, 500);
      from = released->last + 1;
    }
  };
  release(2);
  const double first = milliseconds([&] { release(10); });
  release(70);
  const double last = milliseconds([&] { release(10); });
  std::printf("the first 5,000 take %.1f ms, the last %.1f ms\n", first, last);
  EXPECT_LT(last, first * 4 + 20);
}

/// The paused observer has 200,000 rows; another one's retries and new events go as ever.
TEST_F(ManyHeld, DoNotSlowTheOthersAndAreNotReadInALoop) {
  host_.sql(insert_held(kRows));
  // Twenty failures in a row would open a breaker, and that is not what is looked at.
  const auto alive = [](Observers& all) {
    all.add("alive",
            {{"act", "alive", [](PreparedAction& action) { action.delivery.breaker.reset(); }}});
  };
  const auto observers = [&](Observers& all) {
    all.add("dead", {{"act", "dead", {}}}, {}, "Nothing");
    alive(all);
  };
  std::atomic<int> tries{0};
  host_.module().answer([&](const plugin::Item&) {
    return FakeModule::result(tries++ < 20 ? Outcome::Retry : Outcome::Delivered);
  });
  host_.start(alive);
  host_.dispatcher().set_pauses({{"dead", "", ""}});
  host_.replace(observers);
  const auto begin = steady_clock::now();
  std::vector<std::string> keys;
  for (int i = 0; i < 100; ++i) keys.push_back("k" + std::to_string(i));
  host_.emit(keys);
  ASSERT_TRUE(host_.module().wait_for(120));
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(10));
  ASSERT_TRUE(host_.wait_until_settled());
  // What the server reads of the table while there is nothing to do.
  const auto read = [&] {
    host_.sql("SELECT pg_stat_clear_snapshot()");
    return std::stoll(host_.scalar(
        "SELECT coalesce(sum(idx_tup_fetch + seq_tup_read), 0) FROM pg_stat_user_tables"
        " WHERE relname = 'retries'"));
  };
  std::this_thread::sleep_for(std::chrono::seconds(1));  // statistics come late
  const long long before = read();
  std::this_thread::sleep_for(std::chrono::seconds(2));
  const long long rows = read() - before;
  std::printf("%lld rows read in two idle seconds\n", rows);
  EXPECT_LT(rows, 2'000);
}

}  // namespace
}  // namespace observerd::delivery::tests
