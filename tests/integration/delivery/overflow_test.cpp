#include <gmock/gmock.h>

#include "integration/delivery/host.hpp"

/// What happens to events when the queues are full, and who is told when something fails for good.
namespace observerd::delivery::tests {
namespace {

using plugin::Outcome;

class Overflow : public ::testing::Test {
 protected:
  void start(config::Overflow policy, config::EventLog log = config::EventLog::Matched) {
    host_.options().overflow = policy;
    host_.options().queue_events = 20;
    host_.module().hold_all();
    host_.start([log](Observers& all) { all.add("one", {{"act", "x", {}}}).event_log(log); });
  }
  void emit(int count, int keys, int first = 1) {
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back("k" + std::to_string(i % keys));
    host_.emit(names, first);
  }
  std::string events(const std::string& status) {
    return host_.scalar("SELECT count(*) FROM observer.observer_events WHERE status = '" + status +
                        "'");
  }

  Host host_;
};

TEST_F(Overflow, BlockLeavesTheRestInTheOutbox) {
  start(config::Overflow::Block);
  emit(100, 100);
  ASSERT_TRUE(eventually([&] { return host_.dispatcher().under_way() == 20; }));
  EXPECT_EQ(host_.dispatcher().dropped(), 0u);
  host_.module().let_go();
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(host_.numbers("one/act").size(), 100u);
}

TEST_F(Overflow, DropGivesUpTheNewOnesAndSaysSo) {
  start(config::Overflow::Drop);
  emit(100, 100);
  ASSERT_TRUE(eventually([&] { return events("dropped") == "80"; })) << events("dropped");
  EXPECT_EQ(host_.dispatcher().dropped(), 80u);
  host_.module().let_go();
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(host_.numbers("one/act").size(), 20u);
  EXPECT_EQ(events("processed"), "20");
}

TEST_F(Overflow, WhatIsDroppedIsRecordedWhateverTheEventLogTakes) {
  start(config::Overflow::Drop, config::EventLog::None);
  emit(30, 30);
  ASSERT_TRUE(eventually([&] { return events("dropped") == "10"; })) << events("dropped");
  host_.module().let_go();
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(host_.scalar("SELECT count(*) FROM observer.observer_events"), "10");
}

TEST_F(Overflow, DropOldestGivesUpWhatHasWaitedLongest) {
  host_.options().shards = 4;
  start(config::Overflow::DropOldest);
  emit(100, 100);
  ASSERT_TRUE(eventually([&] { return host_.dispatcher().dropped() == 80; }))
      << host_.dispatcher().dropped();
  ASSERT_TRUE(eventually([&] { return events("dropped") == "80"; }));
  host_.module().let_go();
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(host_.numbers("one/act").size(), 20u);
}

/// One entity: everything but the first waits behind it, and the order of the rest stays.
TEST_F(Overflow, DropOldestKeepsTheOrderOfTheRest) {
  start(config::Overflow::DropOldest);
  emit(1, 1);
  ASSERT_TRUE(host_.module().wait_for(1));
  emit(99, 1, 2);
  ASSERT_TRUE(eventually([&] { return host_.dispatcher().dropped() == 80; }));
  host_.module().let_go();
  ASSERT_TRUE(host_.wait_until_settled());
  const std::vector<std::string> numbers = host_.numbers("one/act");
  ASSERT_EQ(numbers.size(), 20u);
  EXPECT_EQ(numbers.front(), "1") << "it was with the plugin";
  EXPECT_EQ(numbers[1], "82");
  EXPECT_EQ(numbers.back(), "100");
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    EXPECT_LT(std::stoi(numbers[i - 1]), std::stoi(numbers[i]));
  }
}

class Alert : public ::testing::Test {
 protected:
  void start(const config::RateSettings& rate,
             config::OnFailure on_failure = config::OnFailure::Alert) {
    host_.start([&](Observers& all) {
      const auto policy = [&](PreparedAction& action) {
        action.delivery.on_failure = on_failure;
        action.delivery.retry.max_delay = Milliseconds(3'600'000);
      };
      all.add("one", {{"act", "x", policy}}).alert(rate);
    });
  }
  std::vector<json::Value> alerts() {
    std::vector<json::Value> rows;
    for (const Got& got : host_.module().got()) {
      if (got.lane != "alerts") continue;
      rows.push_back(*json::parse(got.event, Code::BadEvent));
    }
    return rows;
  }

  Host host_;
};

TEST_F(Alert, AFailureForGoodIsADeadLetterAndRunsTheAlertAction) {
  start({10, Milliseconds(60'000)});
  host_.module().answer([](const plugin::Item& item) {
    return FakeModule::result(item.action->lane_key() == "x" ? Outcome::Rejected
                                                             : Outcome::Delivered);
  });
  host_.emit({"a"});
  ASSERT_TRUE(eventually([&] { return alerts().size() == 1; }));
  const json::Value alert = alerts().front();
  EXPECT_EQ(alert.string_or("entity", ""), "observerd.alert");
  EXPECT_EQ(alert.string_or("kind", ""), "custom");
  const json::Value& row = *alert.find("new");
  EXPECT_EQ(row.string_or("observer", ""), "one");
  EXPECT_EQ(row.string_or("action", ""), "act");
  EXPECT_EQ(row.string_or("type", ""), "fake");
  EXPECT_EQ(row.string_or("error", ""), "OB007");
  EXPECT_EQ(row.string_or("error_code", ""), "fake");
  EXPECT_EQ(row.find("attempts")->text(), "1");
  EXPECT_EQ(row.string_or("entity", ""), "Order");
  EXPECT_EQ(row.string_or("id", ""), "a");
  EXPECT_EQ(row.string_or("dead_letter", ""),
            host_.scalar("SELECT id FROM observer.observer_dlq_items"));
  EXPECT_EQ(row.string_or("event_id", ""),
            host_.scalar("SELECT event_id FROM observer.observer_dlq_items"));
}

TEST_F(Alert, ADestinationThatIsGoneIsToldOnceWhateverThePolicy) {
  start({10, Milliseconds(60'000)}, config::OnFailure::Dlq);
  host_.module().answer([](const plugin::Item& item) {
    return FakeModule::result(item.action->lane_key() == "x" ? Outcome::Gone : Outcome::Delivered);
  });
  host_.emit({"a"});
  ASSERT_TRUE(eventually([&] { return alerts().size() == 1; }));
  const json::Value alert = alerts().front();
  const json::Value& row = *alert.find("new");
  EXPECT_EQ(row.string_or("error", ""), "OB006");
  EXPECT_EQ(row.string_or("dead_letter", "-"), "");
  host_.emit({"b", "c"});
  ASSERT_TRUE(eventually([&] {
    return host_.scalar("SELECT count(*) FROM observer.retries WHERE state = 'held'") == "3";
  }));
  EXPECT_EQ(alerts().size(), 1u);
}

TEST_F(Alert, AnActionThatIsMisconfiguredIsToldOnceWhateverThePolicy) {
  start({10, Milliseconds(60'000)}, config::OnFailure::Log);
  host_.module().answer([](const plugin::Item& item) {
    return FakeModule::result(item.action->lane_key() == "x" ? Outcome::Misconfigured
                                                             : Outcome::Delivered);
  });
  host_.emit({"a"});
  ASSERT_TRUE(eventually([&] { return alerts().size() == 1; }));
  const json::Value alert = alerts().front();
  const json::Value& row = *alert.find("new");
  EXPECT_EQ(row.string_or("observer", ""), "one");
  EXPECT_EQ(row.string_or("action", ""), "act");
  EXPECT_EQ(row.string_or("error", ""), "OB006");
  EXPECT_EQ(row.string_or("error_code", ""), "fake");
  EXPECT_EQ(row.string_or("message", ""), "the action is misconfigured: fake");
  EXPECT_EQ(row.string_or("dead_letter", "-"), "");
  host_.emit({"b", "c"});
  ASSERT_TRUE(eventually([&] { return host_.schedule() == "held misconfigured 3"; }));
  EXPECT_EQ(alerts().size(), 1u);
}

TEST_F(Alert, ItsOwnFailureCausesNothing) {
  start({10, Milliseconds(60'000)});
  host_.module().answer(Outcome::Rejected);
  host_.emit({"a"});
  ASSERT_TRUE(eventually([&] { return alerts().size() == 1; }));
  host_.module().answer(Outcome::Retry);
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(alerts().size(), 1u);
  EXPECT_EQ(host_.scalar("SELECT count(*) FROM observer.observer_dlq_items"), "1");
  EXPECT_EQ(host_.schedule(), "");
}

TEST_F(Alert, ItsRateIsKeptAndWhatWasLeftOutIsCounted) {
  start({2, Milliseconds(300)});
  host_.module().answer([](const plugin::Item& item) {
    return FakeModule::result(item.action->lane_key() == "x" ? Outcome::Rejected
                                                             : Outcome::Delivered);
  });
  host_.emit({"a", "b", "c", "d", "e"});
  ASSERT_TRUE(host_.wait_until_settled());
  const std::size_t first = alerts().size();
  ASSERT_GE(first, 2u);
  ASSERT_TRUE(eventually([&] {
    host_.emit({"f"});
    return alerts().size() > first;
  }));
  EXPECT_NE(alerts()[first].find("new")->find("suppressed")->text(), "0");
}

}  // namespace
}  // namespace observerd::delivery::tests
