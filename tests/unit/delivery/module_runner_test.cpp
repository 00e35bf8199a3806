#include "delivery/module_runner.hpp"

#include <gtest/gtest.h>
#include <atomic>

#include <set>
#include <thread>

#include "unit/delivery/fake_module.hpp"

namespace observerd::delivery::tests {
namespace {

using plugin::Outcome;
using std::chrono::milliseconds;

/// Keeps what the runner gives back.
class Sink final : public OutcomeSink {
 public:
  void on_outcome(DeliveryPtr delivery, plugin::ItemResult result, Milliseconds took) override {
    const std::lock_guard lock(mutex_);
    outcomes.emplace_back(result.outcome, result.code);
    times.push_back(took);
    done_.push_back(std::move(delivery));
    changed_.notify_all();
  }
  bool may_deliver(const Delivery&) override { return true; }
  bool may_go_on() override { return true; }
  void on_dropped(DeliveryPtr delivery) override {
    const std::lock_guard lock(mutex_);
    ++dropped;
    done_.push_back(std::move(delivery));
    changed_.notify_all();
  }
  void on_held(DeliveryPtr delivery, const Hold& hold) override {
    const std::lock_guard lock(mutex_);
    held.push_back(hold.cause);
    done_.push_back(std::move(delivery));
    changed_.notify_all();
  }
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), condition);
  }
  bool wait_for(std::size_t count) {
    return wait([&] { return outcomes.size() >= count; });
  }

  std::vector<std::pair<Outcome, std::string>> outcomes;
  std::vector<Milliseconds> times;
  std::vector<store::HoldCause> held;
  std::size_t dropped = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<DeliveryPtr> done_;
};

class Runner : public ::testing::Test {
 protected:
  Runner() : log_({telemetry::Level::Error}) {}
  ~Runner() override {
    if (runner_) runner_->stop(std::chrono::steady_clock::now());
  }
  void start(int max_batch = 8, int max_concurrency = 8) {
    module_ = std::make_shared<FakeModule>(max_batch, max_concurrency);
    runner_ = ModuleRunner::start(module_, sink_, log_, "second");
  }
  /// An observer with one action.
  std::shared_ptr<PreparedObserver> observer(const std::string& name,
                                             const std::string& lane = "there") {
    auto observer = std::make_shared<PreparedObserver>();
    observer->name = name;
    PreparedAction action;
    action.name = "act";
    action.type = "fake";
    action.delivery.concurrency = 4;
    action.bound = std::make_shared<FakeAction>(lane, "batch");
    observer->actions.push_back(std::move(action));
    observers_.push_back(observer);
    return observer;
  }
  void enqueue(const PreparedObserver& observer, std::size_t bytes = 10) {
    auto event = std::make_shared<Event>();
    event->new_text = std::string(bytes, ' ');
    event->outbox_id = ++last_;
    auto delivery = std::make_unique<Delivery>();
    delivery->work = std::make_shared<EventWork>(std::move(event), 1, last_);
    delivery->observer = &observer;
    delivery->settings_json = std::make_shared<const std::string>(observer.name);
    delivery->lane = lane_name(observer.name, observer.actions[0], "");
    std::vector<DeliveryPtr> one;
    one.push_back(std::move(delivery));
    runner_->enqueue(std::move(one));
  }
  LaneState lane(const std::string& key) {
    for (const LaneState& lane : runner_->lanes()) {
      if (lane.key == key) return lane;
    }
    return {};
  }
  std::size_t got_of(const std::string& observer, std::size_t among) {
    std::size_t count = 0;
    const std::vector<Got> got = module_->got();
    for (std::size_t i = 0; i < std::min(among, got.size()); ++i) {
      if (got[i].settings == observer) ++count;
    }
    return count;
  }

  telemetry::Log log_;
  Sink sink_;
  std::shared_ptr<FakeModule> module_;
  std::shared_ptr<ModuleRunner> runner_;
  std::vector<std::shared_ptr<PreparedObserver>> observers_;
  std::int64_t last_ = 0;
};

TEST_F(Runner, AFloodOfOneObserverDoesNotStarveAnotherInTheSameLane) {
  start();
  const auto flood = observer("flood");
  const auto small = observer("small");
  module_->hold_all();
  for (int i = 0; i < 5000; ++i) enqueue(*flood);
  for (int i = 0; i < 50; ++i) enqueue(*small);
  module_->let_go();
  ASSERT_TRUE(sink_.wait_for(5050));
  // Four turns of 16 for the 50, as many of the flood's before them, and what was under way
  // already. Threads that are slow to tell may hold back two turns; without turns it would be none.
  EXPECT_GE(got_of("small", 2 * 4 * 16 + 64), 50u - 2 * 16);
}

TEST_F(Runner, LargeEventsCountForMoreThanSmallOnes) {
  start(1, 1);
  const auto large = observer("large");
  const auto small = observer("small");
  large->actions[0].delivery.concurrency = small->actions[0].delivery.concurrency = 1;
  module_->hold_all();
  for (int i = 0; i < 100; ++i) enqueue(*large, 128 * 1024);
  for (int i = 0; i < 100; ++i) enqueue(*small, 10);
  module_->let_go();
  ASSERT_TRUE(sink_.wait_for(200));
  EXPECT_GE(got_of("small", 110), 95u);
}

TEST_F(Runner, DestinationsThatHangLeaveCallsToTheOthers) {
  start(1, 8);
  std::vector<std::shared_ptr<PreparedObserver>> hanging;
  for (int i = 0; i < 4; ++i) hanging.push_back(observer("hangs", "dead" + std::to_string(i)));
  const auto fine = observer("fine", "alive");
  std::mutex mutex;
  std::condition_variable end;
  bool over = false;
  module_->answer([&](const plugin::Item& item) {
    if (item.action->lane_key() != "alive") {
      std::unique_lock lock(mutex);
      end.wait(lock, [&] { return over; });
    }
    return FakeModule::result(Outcome::Delivered);
  });
  for (int i = 0; i < 40; ++i) enqueue(*hanging[static_cast<std::size_t>(i % 4)]);
  ASSERT_TRUE(module_->wait_for_held(6));
  for (int i = 0; i < 20; ++i) enqueue(*fine);
  EXPECT_TRUE(sink_.wait_for(20));
  {
    const std::lock_guard lock(mutex);
    over = true;
  }
  end.notify_all();
  EXPECT_TRUE(sink_.wait_for(60));
}

TEST_F(Runner, TheRateOfAnActionHoldsOverItsLanesAndOthersGoOn) {
  start();
  const auto slow = observer("slow");
  slow->actions[0].delivery.rate = config::RateSettings{50, Milliseconds(1000)};
  const auto fast = observer("fast");
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 15; ++i) enqueue(*slow);
  for (int i = 0; i < 200; ++i) enqueue(*fast);
  ASSERT_TRUE(sink_.wait_for(215));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(230)) << "15 at 50/s";
  EXPECT_GE(got_of("fast", 210), 195u) << "the others did not wait for it";
}

TEST_F(Runner, WhatTheRateMakesWaitForLongIsHeld) {
  start();
  const auto slow = observer("slow");
  slow->actions[0].delivery.rate = config::RateSettings{1, Milliseconds(1000)};
  for (int i = 0; i < 30; ++i) enqueue(*slow);
  ASSERT_TRUE(sink_.wait([&] { return sink_.held.size() >= 18; }));
  EXPECT_EQ(sink_.held.front(), store::HoldCause::Rate);
  EXPECT_EQ(runner_->room("slow", slow->actions[0]), 0u);
  ASSERT_TRUE(sink_.wait_for(1));
  EXPECT_GT(lane("there").rate_wait, Milliseconds(0));
}

TEST_F(Runner, AnOpenCircuitHoldsWhatIsQueuedAndWhatComes) {
  start();
  const auto some = observer("some");
  some->actions[0].delivery.breaker =
      config::BreakerSettings{5, Milliseconds(60'000), Milliseconds(100)};
  module_->answer(Outcome::Unavailable);
  module_->hold_all();
  for (int i = 0; i < 50; ++i) enqueue(*some);
  module_->let_go();
  ASSERT_TRUE(sink_.wait([&] { return sink_.outcomes.size() + sink_.held.size() >= 50; }));
  EXPECT_GE(sink_.outcomes.size(), 5u);
  EXPECT_LE(sink_.outcomes.size(), 5u + 2 * 4) << "and what was under way";
  for (const store::HoldCause cause : sink_.held) EXPECT_EQ(cause, store::HoldCause::Breaker);
  // Half open, it asks for one delivery.
  ModuleRunner::ClosedLanes lanes;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (lanes.probes.empty() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(milliseconds(5));
    lanes = {};
    runner_->add_closed_lanes(lanes);
  }
  EXPECT_EQ(lanes.probes.size(), 1u);
  EXPECT_EQ(lanes.closed.size(), 1u);
}

TEST_F(Runner, TheProbeClosesTheCircuit) {
  start();
  const auto some = observer("some");
  some->actions[0].delivery.breaker =
      config::BreakerSettings{2, Milliseconds(60'000), Milliseconds(50)};
  module_->answer(Outcome::Retry);
  enqueue(*some);
  enqueue(*some);
  ASSERT_TRUE(sink_.wait_for(2));
  EXPECT_NE(lane("there").breaker, BreakerState::Closed);
  const auto half_open = [&] { return lane("there").breaker == BreakerState::HalfOpen; };
  while (!half_open()) std::this_thread::sleep_for(milliseconds(5));
  module_->answer(Outcome::Delivered);
  module_->hold_all();
  enqueue(*some);
  enqueue(*some);
  ASSERT_TRUE(sink_.wait([&] { return sink_.held.size() == 1; })) << "only one is the probe";
  module_->let_go();
  ASSERT_TRUE(sink_.wait_for(3));
  EXPECT_EQ(lane("there").breaker, BreakerState::Closed);
  enqueue(*some);
  ASSERT_TRUE(sink_.wait_for(4));
}

TEST_F(Runner, APersonMayCloseTheCircuitAndEndABreak) {
  start();
  const auto some = observer("some");
  some->actions[0].delivery.breaker =
      config::BreakerSettings{1, Milliseconds(60'000), Milliseconds(3'600'000)};
  module_->answer(Outcome::Retry);
  enqueue(*some);
  ASSERT_TRUE(sink_.wait_for(1));
  EXPECT_EQ(lane("there").breaker, BreakerState::Open);
  EXPECT_FALSE(runner_->resume_lane("elsewhere"));
  EXPECT_TRUE(runner_->resume_lane("there"));
  EXPECT_EQ(lane("there").breaker, BreakerState::Closed);
  module_->answer([](const plugin::Item&) {
    return FakeModule::result(Outcome::Throttled, Milliseconds(3'600'000));
  });
  enqueue(*some);
  ASSERT_TRUE(sink_.wait_for(2));
  EXPECT_GT(lane("there").throttled_for, Milliseconds(3'000'000));
  enqueue(*some);
  ASSERT_TRUE(sink_.wait([&] { return sink_.held.size() == 1; }));
  EXPECT_EQ(sink_.held[0], store::HoldCause::Throttled);
  EXPECT_TRUE(runner_->resume_lane("fake there"));
  EXPECT_EQ(lane("there").throttled_for, Milliseconds(0));
}

TEST_F(Runner, RefusalsAndThrottlingDoNotOpenTheCircuit) {
  start();
  const auto some = observer("some");
  some->actions[0].delivery.breaker =
      config::BreakerSettings{2, Milliseconds(60'000), Milliseconds(3'600'000)};
  for (const Outcome outcome : {Outcome::Rejected, Outcome::Throttled, Outcome::Misconfigured}) {
    module_->answer(outcome);
    const std::size_t before = sink_.outcomes.size();
    for (int i = 0; i < 6; ++i) enqueue(*some);
    ASSERT_TRUE(sink_.wait_for(before + 6));
  }
  EXPECT_TRUE(sink_.held.empty());
}

TEST_F(Runner, AnOverloadedDestinationGetsFewerAtATime) {
  start(1, 8);
  const auto some = observer("some");
  some->actions[0].delivery.concurrency = 8;
  module_->answer(Outcome::Throttled);
  for (int i = 0; i < 40; ++i) enqueue(*some);
  ASSERT_TRUE(sink_.wait_for(40));
  enqueue(*some);
  EXPECT_LT(lane("there").limit, 8u);
}

TEST_F(Runner, AnUnavailableDestinationIsLeftAloneForARetrysDelay) {
  start();
  const auto some = observer("some");
  some->actions[0].delivery.breaker.reset();
  some->actions[0].delivery.retry.initial_delay = Milliseconds(500);
  std::atomic<int> asked = 0;
  module_->answer([&asked](const plugin::Item&) {
    return FakeModule::result(asked++ < 4 ? Outcome::Unavailable : Outcome::Delivered);
  });
  module_->hold_all();
  for (int i = 0; i < 20; ++i) enqueue(*some);
  ASSERT_TRUE(module_->wait_for_held(4));
  module_->let_go();
  ASSERT_TRUE(sink_.wait_for(4));
  EXPECT_GT(lane("there").throttled_for, Milliseconds(0));
  EXPECT_EQ(lane("there").breaker, BreakerState::Closed);
  ASSERT_TRUE(sink_.wait_for(20));
  const std::vector<Got> got = module_->got();
  EXPECT_GE(got[4].at - got[3].at, milliseconds(490)) << "the others did not run into it";
  for (std::size_t i = 4; i < sink_.outcomes.size(); ++i) {
    EXPECT_EQ(sink_.outcomes[i].first, Outcome::Delivered);
  }
  EXPECT_TRUE(sink_.held.empty()) << "so short a break is waited for here";
}

TEST_F(Runner, ThePlanSaysHowManyAtATimeWhoeverComes) {
  start(1, 8);
  const auto some = observer("some");
  some->actions[0].delivery.concurrency = 8;
  LaneLimits limits;
  auto lower = some->actions[0];
  lower.delivery.concurrency = 2;
  limits.add("some", lower);
  runner_->limit_lanes(limits);
  module_->hold_all();
  for (int i = 0; i < 10; ++i) enqueue(*some);
  ASSERT_TRUE(module_->wait_for_held(2));
  EXPECT_EQ(lane("there").limit, 2u) << "an earlier plan's delivery does not raise it";
  module_->let_go();
  ASSERT_TRUE(sink_.wait_for(10));
  EXPECT_EQ(module_->most_at_once(), 2u);
}

TEST_F(Runner, AttemptsAreMeasuredInThePluginAndNotInTheQueue) {
  start(1, 1);
  const auto some = observer("some");
  some->actions[0].delivery.concurrency = 1;
  module_->answer([](const plugin::Item&) {
    std::this_thread::sleep_for(milliseconds(30));
    return FakeModule::result(Outcome::Delivered);
  });
  for (int i = 0; i < 8; ++i) enqueue(*some);
  ASSERT_TRUE(sink_.wait_for(8));
  for (const Milliseconds took : sink_.times) {
    EXPECT_GE(took, Milliseconds(30));
    EXPECT_LT(took, Milliseconds(150)) << "the last one waited 210 ms";
  }
}

TEST_F(Runner, StopGivesBackWhatIsQueuedAndMayBeCalledTwice) {
  start(1, 1);
  const auto some = observer("some");
  module_->hold_all();
  for (int i = 0; i < 10; ++i) enqueue(*some);
  ASSERT_TRUE(module_->wait_for(1));
  EXPECT_FALSE(runner_->idle());
  EXPECT_TRUE(runner_->stop(std::chrono::steady_clock::now()));
  EXPECT_TRUE(runner_->stop(std::chrono::steady_clock::now()));
  EXPECT_TRUE(runner_->idle());
  EXPECT_EQ(sink_.dropped, 9u);
  EXPECT_EQ(sink_.outcomes.size(), 1u);
  enqueue(*some);
  EXPECT_EQ(sink_.dropped, 10u);
}

}  // namespace
}  // namespace observerd::delivery::tests
