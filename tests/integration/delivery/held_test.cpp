#include <gmock/gmock.h>

#include "integration/delivery/host.hpp"

/// Deliveries that wait in the schedule for a cause to go away.
namespace observerd::delivery::tests {
namespace {

using plugin::Outcome;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const auto kTwo = [](Observers& observers) {
  observers.add("one", {{"act", "first", {}}}).add("two", {{"act", "second", {}}});
};

class Held : public ::testing::Test {
 protected:
  Host host_;
};

TEST_F(Held, APausedObserverHoldsUpNeitherTheOutboxNorTheOthers) {
  host_.start(kTwo);
  host_.dispatcher().set_pauses({{"one", "", "maintenance"}});
  host_.emit({"a", "b", "a", "c", "a"});
  ASSERT_TRUE(host_.module().wait_for(5));
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(host_.numbers("two/act").size(), 5u);
  EXPECT_EQ(host_.schedule(),
            "behind an earlier delivery of the entity is parked 2, held paused 3");
  EXPECT_EQ(host_.scalar("SELECT DISTINCT reason FROM observer.retries WHERE state = 'held'"),
            "paused: maintenance");

  const auto resumed = std::chrono::steady_clock::now();
  host_.dispatcher().set_pauses({});
  ASSERT_TRUE(host_.module().wait_for(8));
  EXPECT_LT(std::chrono::steady_clock::now() - resumed, std::chrono::seconds(5));
  ASSERT_TRUE(eventually([&] { return host_.schedule().empty(); }));
  std::vector<std::string> of_a;
  for (const std::string& n : host_.numbers("one/act")) {
    if (n == "1" || n == "3" || n == "5") of_a.push_back(n);
  }
  EXPECT_THAT(of_a, ElementsAre("1", "3", "5")) << "in order per entity";
}

TEST_F(Held, APauseOutlivesARestartAndNothingIsForgotten) {
  host_.start(kTwo);
  host_.dispatcher().set_pauses({{"one", "act", ""}});
  host_.emit({"a", "b"});
  ASSERT_TRUE(host_.wait_until_settled());
  host_.stop();
  EXPECT_EQ(host_.schedule(), "held paused 2");
  // Resumed while nothing ran.
  host_.start(kTwo);
  ASSERT_TRUE(eventually([&] { return host_.schedule().empty(); }));
  EXPECT_THAT(host_.numbers("one/act"), UnorderedElementsAre("1", "2"));
}

TEST_F(Held, ABlockedActionWaitsUntilItsPluginIsThere) {
  const auto blocked = [](PreparedAction& action) {
    action.blocked = "plugin fake: no such file";
    action.bound = nullptr;
    action.runner = nullptr;
  };
  host_.start([&](Observers& observers) { observers.add("one", {{"act", "x", blocked}}); });
  host_.emit({"a", "b"});
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(host_.schedule(), "held blocked 2");
  host_.replace([](Observers& observers) { observers.add("one", {{"act", "x", {}}}); });
  ASSERT_TRUE(host_.module().wait_for(2));
  ASSERT_TRUE(eventually([&] { return host_.schedule().empty(); }));
}

TEST_F(Held, WhatIsGoneIsToldOnceAndPaused) {
  std::mutex mutex;
  std::vector<std::string> told;
  host_.options().on_gone = [&](const std::string& observer, const std::string& action,
                                const std::string& reason) {
    const std::lock_guard lock(mutex);
    told.push_back(observer + "/" + action + " " + reason);
  };
  host_.start(kTwo);
  host_.module().answer([](const plugin::Item& item) {
    return FakeModule::result(item.action->lane_key() == "first" ? Outcome::Gone
                                                                 : Outcome::Delivered);
  });
  host_.emit({"a"});
  ASSERT_TRUE(eventually([&] { return host_.schedule() == "held gone 1"; }));
  host_.emit({"b", "c"});
  ASSERT_TRUE(host_.wait_until_settled());
  ASSERT_TRUE(eventually([&] { return host_.schedule() == "held gone 3"; })) << host_.schedule();
  EXPECT_EQ(host_.numbers("one/act").size(), 1u) << "no attempt while it is paused";
  {
    const std::lock_guard lock(mutex);
    EXPECT_THAT(told, ElementsAre("one/act fake"));
  }
  EXPECT_EQ(host_.scalar("SELECT max(attempts) FROM observer.retries"), "0");
  // The pause gets into the table, and a person resumes it.
  host_.dispatcher().set_pauses({{"one", "act", "gone"}});
  host_.module().answer(Outcome::Delivered);
  host_.dispatcher().set_pauses({});
  ASSERT_TRUE(eventually([&] { return host_.schedule().empty(); }));
}

TEST_F(Held, WhatIsMisconfiguredIsTriedSeldomAndAfterAReload) {
  const auto seldom = [](PreparedAction& action) {
    action.delivery.retry.max_delay = Milliseconds(3'600'000);
  };
  const auto observers = [&](Observers& all) { all.add("one", {{"act", "x", seldom}}); };
  host_.start(observers);
  host_.module().answer(Outcome::Misconfigured);
  host_.emit({"a"});
  ASSERT_TRUE(eventually([&] { return host_.schedule() == "held misconfigured 1"; }));
  host_.emit({"b", "c"});
  ASSERT_TRUE(eventually([&] { return host_.schedule() == "held misconfigured 3"; }));
  EXPECT_EQ(host_.module().count(), 1u);
  EXPECT_NE(host_.scalar("SELECT min(reason) FROM observer.retries").find("looked at again at 20"),
            std::string::npos);
  host_.module().answer(Outcome::Delivered);
  host_.replace(observers);
  ASSERT_TRUE(eventually([&] { return host_.schedule().empty(); }));
  EXPECT_EQ(host_.module().count(), 4u);
}

TEST_F(Held, AMisconfiguredActionIsProbedWithOneDelivery) {
  const auto soon = [](PreparedAction& action) {
    action.delivery.retry.max_delay = Milliseconds(300);
  };
  host_.start([&](Observers& all) { all.add("one", {{"act", "x", soon}}); });
  host_.module().answer(Outcome::Misconfigured);
  host_.emit({"a", "b", "c", "d", "e", "f", "g", "h"});
  ASSERT_TRUE(eventually([&] { return host_.schedule() == "held misconfigured 8"; }));
  const std::size_t before = host_.module().count();
  ASSERT_TRUE(host_.module().wait_for(before + 2));
  EXPECT_LE(host_.module().count(), before + 3) << "one at a time";
  host_.module().answer(Outcome::Delivered);
  ASSERT_TRUE(eventually([&] { return host_.schedule().empty(); }));
}

TEST_F(Held, AnOpenCircuitCostsNoAttemptsAndClosesByItself) {
  const auto breaker = [](PreparedAction& action) {
    action.delivery.breaker = config::BreakerSettings{3, Milliseconds(60'000), Milliseconds(700)};
    action.delivery.retry.initial_delay = Milliseconds(1);
  };
  host_.start([&](Observers& all) {
    all.add("one", {{"act", "dead", breaker}}).add("two", {{"act", "alive", breaker}});
  });
  host_.module().answer([](const plugin::Item& item) {
    return FakeModule::result(item.action->lane_key() == "dead" ? Outcome::Retry
                                                                : Outcome::Delivered);
  });
  host_.emit({"a", "b", "c"});
  ASSERT_TRUE(eventually([&] { return host_.numbers("one/act").size() >= 3; }));
  ASSERT_TRUE(eventually([&] {
    for (const LaneState& lane : host_.dispatcher().lanes()) {
      if (lane.key == "dead" && lane.breaker == BreakerState::Open) return true;
    }
    return false;
  }));
  const std::size_t tried = host_.numbers("one/act").size();
  std::vector<std::string> keys;
  for (int i = 0; i < 200; ++i) keys.push_back("k" + std::to_string(i));
  host_.emit(keys, 100);
  ASSERT_TRUE(eventually([&] { return host_.numbers("two/act").size() == 203; }));
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_LE(host_.numbers("one/act").size(), tried + 5) << "probes only";
  EXPECT_THAT(host_.scalar("SELECT count(*) FROM observer.retries WHERE state = 'held'"
                           " AND reason LIKE 'breaker: %' AND attempts = 0"),
              ::testing::AnyOf("200", "199", "198", "197"));
  host_.module().answer(Outcome::Delivered);
  ASSERT_TRUE(eventually([&] { return host_.schedule().empty(); })) << host_.schedule();
}

TEST_F(Held, AnActionThatLeftIsOrphanedAndComesBack) {
  host_.start(kTwo);
  host_.dispatcher().set_pauses({{"one", "", ""}});
  host_.emit({"a", "b"});
  ASSERT_TRUE(host_.wait_until_settled());
  host_.replace([](Observers& all) { all.add("two", {{"act", "second", {}}}); });
  ASSERT_TRUE(eventually([&] { return host_.schedule().rfind("orphaned", 0) == 0; }))
      << host_.schedule();
  EXPECT_EQ(host_.scalar("SELECT DISTINCT state || ' ' || reason FROM observer.retries"),
            "orphaned there is no observer \"one\" any more");
  host_.dispatcher().set_pauses({});
  host_.replace(kTwo);
  ASSERT_TRUE(eventually([&] { return host_.schedule().empty(); }));
  EXPECT_EQ(host_.numbers("one/act").size(), 2u);
}

TEST_F(Held, WhatCannotBeStoredIsLeftToAPerson) {
  host_.start(kTwo);
  host_.dispatcher().set_pauses({{"one", "", ""}});
  host_.emit({"a"});
  ASSERT_TRUE(host_.wait_until_settled());
  host_.sql("UPDATE observer.retries SET reason = 'storage: too large'");
  host_.dispatcher().set_pauses({});
  host_.emit({"b"});
  ASSERT_TRUE(eventually([&] { return host_.numbers("one/act").size() == 1; }));
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(host_.schedule(), "held storage 1");
}

}  // namespace
}  // namespace observerd::delivery::tests
