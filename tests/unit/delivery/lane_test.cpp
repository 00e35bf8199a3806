#include "delivery/lane.hpp"

#include <gtest/gtest.h>

#include "delivery/lane_limits.hpp"
#include "unit/delivery/fake_module.hpp"

namespace observerd::delivery::tests {
namespace {

using plugin::Outcome;

SteadyTime at(int ms) {
  return SteadyTime(Milliseconds(1'000'000 + ms));
}

class LaneTest : public ::testing::Test {
 protected:
  LaneTest() {
    settings_.retry.initial_delay = Milliseconds(400);
    settings_.retry.max_delay = Milliseconds(3'600'000);
    settings_.breaker.reset();
    lane_.limit.set_most(16);
  }
  void learn(Outcome outcome, int started, int now, Milliseconds retry_after = {}) {
    lane_.learn(FakeModule::result(outcome, retry_after), settings_, at(started), at(now));
  }
  Milliseconds pause(int now) { return lane_.state(at(now)).throttled_for; }

  config::DeliverySettings settings_;
  Lane lane_;
};

TEST_F(LaneTest, UnavailablePausesItForAsLongAsARetryWouldWait) {
  learn(Outcome::Unavailable, 0, 10);
  EXPECT_EQ(pause(10), Milliseconds(400));
  EXPECT_FALSE(lane_.closed(at(10))) << "so short a time is waited for in memory";
  EXPECT_EQ(lane_.limit.limit(), 1u) << "one looks whether it is back, not sixteen";
  learn(Outcome::Unavailable, 5, 20);
  EXPECT_EQ(pause(20), Milliseconds(390)) << "it was under way: the same outage";
  learn(Outcome::Unavailable, 410, 420);
  EXPECT_EQ(pause(420), Milliseconds(800));
  learn(Outcome::Unavailable, 1220, 1230);
  EXPECT_EQ(pause(1230), Milliseconds(1600));
  ASSERT_TRUE(lane_.closed(at(1230)));
  EXPECT_EQ(lane_.closed(at(1230))->cause, store::HoldCause::Throttled);
  EXPECT_EQ(lane_.closed(at(1230))->detail, "the destination was unavailable just now");
  int now = 1230;
  for (int i = 0; i < 20; ++i, ++now) learn(Outcome::Unavailable, now + 1, now + 1);
  EXPECT_EQ(pause(now), Lane::kLongestPause) << "whatever max_delay is";
}

TEST_F(LaneTest, AnOutageThatLastsIsLookedAtWithOneWhileTheOthersWaitInTheSchedule) {
  learn(Outcome::Unavailable, 0, 0);
  lane_.in_flight = 1;
  EXPECT_FALSE(lane_.closed(at(1000))) << "it may have been nothing";
  learn(Outcome::Unavailable, 1000, 1000);
  lane_.in_flight = 0;
  EXPECT_FALSE(lane_.wants_probe(at(1100))) << "in its break";
  EXPECT_FALSE(lane_.closed(at(5000)));
  EXPECT_TRUE(lane_.wants_probe(at(5000)));
  lane_.in_flight = 1;
  ASSERT_TRUE(lane_.closed(at(5000))) << "one looks, for as long as that may take";
  EXPECT_EQ(lane_.closed(at(5000))->cause, store::HoldCause::Throttled);
  EXPECT_FALSE(lane_.wants_probe(at(5000)));
  learn(Outcome::Delivered, 5000, 5010);
  EXPECT_FALSE(lane_.closed(at(5010))) << "it is back";
  EXPECT_FALSE(lane_.wants_probe(at(5010)));
}

TEST_F(LaneTest, AnAnswerEndsAnOutage) {
  for (const Outcome answer : {Outcome::Delivered, Outcome::Rejected, Outcome::Misconfigured,
                               Outcome::Gone, Outcome::Throttled}) {
    Lane lane;
    lane.learn(FakeModule::result(Outcome::Unavailable), settings_, at(0), at(0));
    lane.learn(FakeModule::result(Outcome::Unavailable), settings_, at(500), at(500));
    lane.learn(FakeModule::result(answer), settings_, at(2000), at(2000));
    lane.learn(FakeModule::result(Outcome::Unavailable), settings_, at(3000), at(3000));
    EXPECT_EQ(lane.state(at(3000)).throttled_for, Milliseconds(400)) << outcome_name(answer);
  }
}

TEST_F(LaneTest, ADestinationThatSaysHowLongIsAskedNoEarlier) {
  learn(Outcome::Unavailable, 0, 0, Milliseconds(5000));
  EXPECT_EQ(pause(0), Milliseconds(5000));
  lane_.end_break();
  EXPECT_EQ(pause(0), Milliseconds(0));
  learn(Outcome::Unavailable, 10, 10, Milliseconds(100));
  EXPECT_EQ(pause(10), Milliseconds(400)) << "a person has begun anew";
}

TEST_F(LaneTest, WhileTheBreakerIsOpenItAloneSaysWhenToLookAgain) {
  settings_.breaker = config::BreakerSettings{1, Milliseconds(60'000), Milliseconds(50)};
  learn(Outcome::Unavailable, 0, 0);
  EXPECT_EQ(lane_.closed(at(10))->cause, store::HoldCause::Breaker);
  EXPECT_EQ(pause(0), Milliseconds(0));
  EXPECT_FALSE(lane_.closed(at(60))) << "the probe";
}

TEST(ConcurrencyLimit, FollowsWhatIsConfiguredBothWays) {
  ConcurrencyLimit limit(16);
  limit.set_most(4);
  EXPECT_EQ(limit.limit(), 4u);
  limit.set_most(8);
  EXPECT_EQ(limit.limit(), 8u);
  limit.on_overload(at(0), at(1));
  EXPECT_EQ(limit.limit(), 4u);
  limit.set_most(6);
  EXPECT_EQ(limit.limit(), 4u) << "still overloaded";
  limit.set_most(2);
  EXPECT_EQ(limit.limit(), 2u);
}

class Limits : public ::testing::Test {
 protected:
  void add(const std::string& observer, int concurrency, const char* url) {
    static const auto schema = json::parse(
        R"({"type": "object", "properties":
            {"url": {"type": "string", "x-template": "url", "x-lane": "origin"}}})",
        Code::ActionSettings);
    PreparedAction action;
    action.name = "act";
    action.type = "fake";
    action.delivery.concurrency = concurrency;
    action.bound = std::make_shared<FakeAction>("there", "batch");
    Diagnostics problems;
    json::Value settings = json::Value::object();
    settings.set("url", json::Value::string(url));
    action.settings = templates::SettingsTemplate::compile(settings, *schema, problems);
    limits_.add(observer, action);
  }
  LaneLimits limits_;
};

TEST_F(Limits, OfALaneTheLargestCounts) {
  add("a", 3, "https://one.example/");
  add("b", 5, "https://one.example/");
  EXPECT_EQ(limits_.most("fake there"), 5u);
  EXPECT_FALSE(limits_.most("fake elsewhere"));
  EXPECT_FALSE(limits_.most("fake there https://a.example:443")) << "nothing is rendered";
}

TEST_F(Limits, ARenderedDestinationIsFoundByWhatIsBeforeIt) {
  add("a", 3, "https://{{ host }}/");
  add("b", 2, "https://one.example/");
  EXPECT_EQ(limits_.most("fake there https://a.example:443"), 3u);
  EXPECT_EQ(limits_.most("fake there with a space"), 3u);
  EXPECT_EQ(limits_.most("fake there"), 3u);
  EXPECT_FALSE(limits_.most("fake therein"));
  EXPECT_FALSE(limits_.most("fake"));
  EXPECT_FALSE(limits_.most(""));
}

}  // namespace
}  // namespace observerd::delivery::tests
