#include "delivery/holds.hpp"

#include <gtest/gtest.h>

namespace observerd::delivery {
namespace {

using store::HoldCause;
using Gate = Holds::Gate;

constexpr Milliseconds kProbe{100};

SteadyTime at(int ms) {
  return SteadyTime(Milliseconds(1'000'000 + ms));
}

HoldScope of(const std::string& observer, const std::string& action, const std::string& lane = "") {
  return {observer, action, lane};
}

TEST(Holds, APauseOfAnObserverIsOneOfAllItsActions) {
  Holds holds;
  EXPECT_FALSE(holds.any());
  EXPECT_FALSE(holds.check(of("a", "x"), at(0), kProbe));
  holds.set_pauses({{"a", "", "maintenance"}, {"b", "x", ""}});
  EXPECT_TRUE(holds.any());
  const auto hold = holds.check(of("a", "anything"), at(0), kProbe);
  ASSERT_TRUE(hold);
  EXPECT_EQ(hold->cause, HoldCause::Paused);
  EXPECT_EQ(hold->detail, "maintenance");
  EXPECT_TRUE(holds.check(of("b", "x"), at(0), kProbe));
  EXPECT_FALSE(holds.check(of("b", "y"), at(0), kProbe));
  EXPECT_EQ(holds.look(of("b", "x"), at(0)), Gate::Closed);
  EXPECT_EQ(holds.look(of("b", "x", "hook there"), at(0)), Gate::Closed);
  holds.set_pauses({});
  EXPECT_FALSE(holds.check(of("a", "anything"), at(0), kProbe));
  EXPECT_FALSE(holds.any());
}

TEST(Holds, WhatIsGoneStaysUntilAPersonResumesIt) {
  Holds holds;
  EXPECT_EQ(holds.add_gone(of("a", "x"), "http_410"), Holds::Added::News);
  EXPECT_EQ(holds.add_gone(of("a", "x"), "http_410"), Holds::Added::Known) << "told once";
  EXPECT_EQ(holds.check(of("a", "x"), at(0), kProbe)->cause, HoldCause::Gone);
  holds.set_pauses({});
  EXPECT_TRUE(holds.check(of("a", "x"), at(0), kProbe)) << "the pause is not written down yet";
  holds.set_pauses({{"a", "x", "gone"}});
  EXPECT_EQ(holds.check(of("a", "x"), at(0), kProbe)->cause, HoldCause::Gone);
  holds.set_pauses({});
  EXPECT_FALSE(holds.check(of("a", "x"), at(0), kProbe)) << "resumed";
  EXPECT_EQ(holds.add_gone(of("a", "x"), "http_410"), Holds::Added::News) << "again";
}

TEST(Holds, WhatIsMisconfiguredIsLookedAtAgainWithOneDelivery) {
  for (const std::string lane : {"", "hook there"}) {
    Holds holds;
    const HoldScope scope = of("a", "x", lane);
    holds.add_misconfigured(scope, "http_401", at(1000));
    EXPECT_EQ(holds.check(scope, at(999), kProbe)->cause, HoldCause::Misconfigured);
    EXPECT_EQ(holds.look(scope, at(999)), Gate::Closed);
    EXPECT_EQ(holds.look(scope, at(1000)), Gate::Probe);
    EXPECT_FALSE(holds.check(scope, at(1000), kProbe)) << "the probe";
    EXPECT_TRUE(holds.check(scope, at(1001), kProbe)) << "one is enough";
    EXPECT_FALSE(holds.check(scope, at(1100), kProbe)) << "the first was lost";
    holds.add_misconfigured(scope, "http_401", at(2000));
    EXPECT_TRUE(holds.check(scope, at(1200), kProbe));
    holds.end_misconfigured(scope);
    EXPECT_EQ(holds.look(scope, at(1201)), Gate::Open);
  }
}

TEST(Holds, AReportOfOneLaneHoldsThatLaneAlone) {
  Holds holds;
  EXPECT_EQ(holds.add_misconfigured(of("a", "x", "hook bad"), "dns_not_found", at(1000)),
            Holds::Added::News);
  EXPECT_EQ(holds.add_gone(of("a", "x", "hook gone"), "http_410"), Holds::Added::News);
  EXPECT_EQ(holds.look(of("a", "x", "hook bad"), at(0)), Gate::Closed);
  EXPECT_EQ(holds.check(of("a", "x", "hook gone"), at(0), kProbe)->cause, HoldCause::Gone);
  for (const HoldScope& other :
       {of("a", "x", "hook fine"), of("a", "x"), of("a", "y", "hook bad"), of("b", "x")}) {
    EXPECT_EQ(holds.look(other, at(0)), Gate::Open) << other.lane;
    EXPECT_FALSE(holds.check(other, at(0), kProbe)) << other.lane;
  }
  holds.add_misconfigured(of("a", "x"), "http_401", at(500));
  EXPECT_EQ(holds.look(of("a", "x", "hook fine"), at(0)), Gate::Closed) << "all of the action";
  EXPECT_EQ(holds.look(of("a", "x", "hook bad"), at(600)), Gate::Closed) << "the longer one";
}

TEST(Holds, APersonMayHaveALaneTriedAgain) {
  Holds holds;
  holds.add_misconfigured(of("a", "x", "hook bad"), "dns_not_found", at(1000));
  holds.add_gone(of("a", "x", "hook gone"), "http_410");
  holds.add_gone(of("b", "x"), "http_410");
  EXPECT_FALSE(holds.forget_lane("hook fine"));
  EXPECT_FALSE(holds.forget_lane("")) << "no lane at all";
  EXPECT_TRUE(holds.forget_lane("bad")) << "its key will do";
  EXPECT_TRUE(holds.forget_lane("hook gone"));
  EXPECT_EQ(holds.look(of("a", "x", "hook bad"), at(0)), Gate::Open);
  EXPECT_EQ(holds.look(of("a", "x", "hook gone"), at(0)), Gate::Open);
  EXPECT_EQ(holds.look(of("b", "x"), at(0)), Gate::Closed);
}

TEST(Holds, LanesThatEventsMakeUpDoNotFillTheMemory) {
  Holds holds;
  const auto add = [&](int i) {
    return holds.add_misconfigured(of("a", "x", "hook " + std::to_string(i)), "dns", at(1000));
  };
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(add(i), Holds::Added::News);
  EXPECT_EQ(add(10'000), Holds::Added::NoRoom);
  EXPECT_EQ(holds.look(of("a", "x", "hook 10000"), at(0)), Gate::Open);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(holds.look(of("a", "x", "hook " + std::to_string(i)), at(0)), Gate::Closed)
        << "none gives way: what it holds would be released, reported, and push out another";
  }
  EXPECT_EQ(holds.add_misconfigured(of("a", "whole"), "http_401", at(1000)), Holds::Added::News)
      << "there is always room for an action";
  holds.end_misconfigured(of("a", "x", "hook 7"));
  EXPECT_EQ(add(10'000), Holds::Added::NoRoom) << "the action took it";
  holds.end_misconfigured(of("a", "x", "hook 8"));
  EXPECT_EQ(add(10'000), Holds::Added::News);
}

TEST(Holds, AReloadForgetsReportsThatNoPauseHasTakenOver) {
  Holds holds;
  holds.add_misconfigured(of("a", "x"), "http_401", at(1000));
  holds.add_misconfigured(of("a", "z", "hook bad"), "http_401", at(1000));
  holds.add_gone(of("b", "x"), "http_410");
  holds.add_gone(of("c", "x"), "http_410");
  holds.set_pauses({{"c", "x", "gone"}, {"d", "", ""}});
  holds.forget_reports();
  EXPECT_FALSE(holds.check(of("a", "x"), at(0), kProbe));
  EXPECT_FALSE(holds.check(of("a", "z", "hook bad"), at(0), kProbe));
  EXPECT_FALSE(holds.check(of("b", "x"), at(0), kProbe));
  EXPECT_TRUE(holds.check(of("c", "x"), at(0), kProbe));
  EXPECT_TRUE(holds.check(of("d", "x"), at(0), kProbe));
}

}  // namespace
}  // namespace observerd::delivery
