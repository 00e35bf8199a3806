#include <gmock/gmock.h>

#include <algorithm>

#include "integration/delivery/host.hpp"
#include "store/dead_letters.hpp"

/// Tries without end: how they are counted, and what is kept of them.
namespace observerd::delivery::tests {
namespace {

using plugin::Outcome;

TEST(Attempts, AreNumberedToTheEndAndTheLastHundredAreKept) {
  Host host;
  host.start([](Observers& all) {
    all.add("one", {{"act", "x", [](PreparedAction& action) {
                       action.delivery.retry.max_attempts = 105;
                       action.delivery.retry.initial_delay = Milliseconds(1);
                       action.delivery.retry.max_delay = Milliseconds(1);
                       action.delivery.breaker.reset();
                     }}});
  });
  host.module().answer(Outcome::Retry);
  host.emit({"a"});
  ASSERT_TRUE(host.module().wait_for(105, std::chrono::seconds(180)));
  ASSERT_TRUE(host.wait_until_settled());
  const std::vector<Got> got = host.module().got();
  ASSERT_EQ(got.size(), 105u);
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i].attempt, static_cast<int>(i) + 1);
  EXPECT_EQ(host.scalar("SELECT attempt_count FROM observer.observer_dlq_items"), "105");
  const std::string history =
      "SELECT min(attempt_number) || ' to ' || max(attempt_number) || ', ' || count(*)"
      " FROM observer.observer_dlq_history";
  EXPECT_EQ(host.scalar(history), "6 to 105, 100");

  host.module().answer(Outcome::Rejected);
  auto connection = testing::connect(host.url());
  const Uuid id = *Uuid::parse(host.scalar("SELECT id FROM observer.observer_dlq_items"));
  ASSERT_TRUE(store::DeadLetters(*connection).retry({id})->front().done);
  ASSERT_TRUE(host.module().wait_for(106));
  ASSERT_TRUE(host.wait_until_settled());
  EXPECT_EQ(host.scalar(history), "6 to 106, 101");
}

}  // namespace
}  // namespace observerd::delivery::tests
