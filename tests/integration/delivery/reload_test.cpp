#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "integration/delivery/host.hpp"

/// Plans that are replaced while events flow.
namespace observerd::delivery::tests {
namespace {

using plugin::Outcome;
using ::testing::ElementsAre;

class Reload : public ::testing::Test {
 protected:
  Host host_;
};

TEST_F(Reload, NewEventsUseTheNewPlanAndWhatHasBegunEndsWithTheOldOne) {
  host_.start([](Observers& all) { all.add("old", {{"first", "x", {}}, {"second", "x", {}}}); });
  host_.module().hold_all();
  host_.emit({"a"});
  ASSERT_TRUE(host_.module().wait_for(1));
  std::weak_ptr<const Plan> old = host_.dispatcher().plan();
  host_.replace([](Observers& all) { all.add("new", {{"act", "x", {}}}); });
  EXPECT_FALSE(old.expired());
  host_.emit({"a"}, 2);
  host_.module().let_go();
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_THAT(host_.numbers("old/first"), ElementsAre("1"));
  EXPECT_THAT(host_.numbers("old/second"), ElementsAre("1"));
  EXPECT_THAT(host_.numbers("new/act"), ElementsAre("2"));
  EXPECT_TRUE(eventually([&] { return old.expired(); })) << "nothing uses it any more";
}

TEST_F(Reload, CountersOutliveIt) {
  const auto observers = [](Observers& all) { all.add("one", {{"act", "x", {}}}); };
  host_.start(observers);
  host_.emit({"a", "b"});
  ASSERT_TRUE(host_.module().wait_for(2));
  host_.replace(observers);
  host_.emit({"c"});
  ASSERT_TRUE(host_.wait_until_settled());
  const std::vector<ObserverCounts> counts = host_.dispatcher().observer_counts();
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_EQ(counts[0].matched, 3u);
  EXPECT_EQ(counts[0].delivered, 3u);
  EXPECT_EQ(counts[0].failed, 0u);
}

TEST_F(Reload, LowersAndRaisesTheConcurrencyOfABusyLane) {
  const auto with = [](int concurrency) {
    return [concurrency](Observers& all) {
      all.add("one", {{"act", "x", [concurrency](PreparedAction& action) {
                         action.delivery.concurrency = concurrency;
                       }}});
    };
  };
  const auto lane = [&] {
    const std::vector<LaneState> lanes = host_.dispatcher().lanes();
    return lanes.empty() ? LaneState() : lanes.front();
  };
  host_.module().answer([](const plugin::Item&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return FakeModule::result(Outcome::Delivered);
  });
  host_.start(with(8));
  std::vector<std::string> keys;
  for (int i = 0; i < 3000; ++i) keys.push_back("k" + std::to_string(i));
  host_.emit(keys);
  ASSERT_TRUE(eventually([&] { return lane().in_flight > 4; }));
  host_.replace(with(1));
  EXPECT_EQ(lane().limit, 1u);
  ASSERT_TRUE(eventually([&] { return lane().in_flight <= 1; }));
  EXPECT_GT(lane().queued, 20u) << "and it is as busy as before";
  for (int i = 0; i < 20; ++i) {
    EXPECT_LE(lane().in_flight, 1u);
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  ASSERT_GT(lane().queued, 20u);
  host_.replace(with(6));
  ASSERT_TRUE(eventually([&] { return lane().in_flight > 2; }));
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(host_.numbers("one/act").size(), keys.size());
}

/// The observer "always" is in every plan; "sometimes" comes and goes; attempts fail at random, and
/// pauses come and go too. Of "always" nothing is lost, nothing repeated, nothing out of order.
TEST_F(Reload, AtRandomMomentsItLosesAndRepeatsNothing) {
  constexpr int kKeys = 12;
  constexpr int kEvents = 600;
  std::minstd_rand random(20260101);
  std::mutex mutex;
  std::minstd_rand answers(7);
  std::map<std::string, std::vector<int>> delivered;  // by action and key, in order
  std::map<std::string, int> of_id;
  const auto quick = [](PreparedAction& action) {
    action.delivery.retry.initial_delay = Milliseconds(5);
    action.delivery.retry.max_delay = Milliseconds(20);
    action.delivery.breaker.reset();
  };
  host_.module().answer([&](const plugin::Item& item) {
    const std::lock_guard lock(mutex);
    if (answers() % 10 == 0) return FakeModule::result(Outcome::Retry);
    const auto event = json::parse(*item.event_json, Code::BadEvent);
    const int n = std::stoi(event->find("new")->find("n")->text());
    delivered[*item.settings_json + " " + event->string_or("id", "")].push_back(n);
    ++of_id[item.delivery_id];
    return FakeModule::result(Outcome::Delivered);
  });
  const auto with = [&](bool sometimes) {
    return [&quick, sometimes](Observers& all) {
      if (sometimes) all.add("sometimes", {{"act", "y", quick}});
      all.add("always", {{"first", "x", quick}, {"second", "z", quick}});
    };
  };
  host_.start(with(true));
  std::atomic<bool> over{false};
  std::thread writer([&] {
    for (int n = 1; n <= kEvents; n += kKeys) {
      std::vector<std::string> keys;
      for (int k = 0; k < kKeys; ++k) keys.push_back("k" + std::to_string(k));
      host_.emit(keys, n);
    }
    over = true;
  });
  while (!over) {
    host_.replace(with(random() % 2 == 0));
    std::vector<Pause> pauses;
    if (random() % 3 == 0) pauses.push_back({"always", "second", ""});
    host_.dispatcher().set_pauses(std::move(pauses));
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 30));
  }
  writer.join();
  host_.replace(with(true));
  host_.dispatcher().set_pauses({});
  ASSERT_TRUE(eventually([&] { return host_.wait_until_settled() && host_.schedule().empty(); }))
      << host_.schedule();
  const std::lock_guard lock(mutex);
  for (const auto& [id, count] : of_id) EXPECT_EQ(count, 1) << id;
  for (const char* action : {"always/first", "always/second"}) {
    std::size_t count = 0;
    for (const auto& [name, numbers] : delivered) {
      if (name.find(action) == std::string::npos) continue;
      count += numbers.size();
      EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end())) << name;
    }
    EXPECT_EQ(count, static_cast<std::size_t>(kEvents)) << action;
  }
}

}  // namespace
}  // namespace observerd::delivery::tests
