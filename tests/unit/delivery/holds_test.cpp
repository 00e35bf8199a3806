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

TEST(Holds, APauseOfAnObserverIsOneOfAllItsActions) {
  Holds holds;
  EXPECT_FALSE(holds.check("a", "x", at(0), kProbe));
  holds.set_pauses({{"a", "", "maintenance"}, {"b", "x", ""}});
  const auto hold = holds.check("a", "anything", at(0), kProbe);
  ASSERT_TRUE(hold);
  EXPECT_EQ(hold->cause, HoldCause::Paused);
  EXPECT_EQ(hold->detail, "maintenance");
  EXPECT_TRUE(holds.check("b", "x", at(0), kProbe));
  EXPECT_FALSE(holds.check("b", "y", at(0), kProbe));
  EXPECT_EQ(holds.look("b", "x", at(0)), Gate::Closed);
  holds.set_pauses({});
  EXPECT_FALSE(holds.check("a", "anything", at(0), kProbe));
}

TEST(Holds, WhatIsGoneStaysUntilAPersonResumesIt) {
  Holds holds;
  EXPECT_TRUE(holds.add_gone("a", "x", "http_410"));
  EXPECT_FALSE(holds.add_gone("a", "x", "http_410")) << "told once";
  EXPECT_EQ(holds.check("a", "x", at(0), kProbe)->cause, HoldCause::Gone);
  holds.set_pauses({});
  EXPECT_TRUE(holds.check("a", "x", at(0), kProbe)) << "the pause is not written down yet";
  holds.set_pauses({{"a", "x", "gone"}});
  EXPECT_EQ(holds.check("a", "x", at(0), kProbe)->cause, HoldCause::Gone);
  holds.set_pauses({});
  EXPECT_FALSE(holds.check("a", "x", at(0), kProbe)) << "resumed";
  EXPECT_TRUE(holds.add_gone("a", "x", "http_410")) << "news again";
}

TEST(Holds, WhatIsMisconfiguredIsLookedAtAgainWithOneDelivery) {
  Holds holds;
  holds.add_misconfigured("a", "x", "http_401", at(1000));
  EXPECT_EQ(holds.check("a", "x", at(999), kProbe)->cause, HoldCause::Misconfigured);
  EXPECT_EQ(holds.look("a", "x", at(999)), Gate::Closed);
  EXPECT_EQ(holds.look("a", "x", at(1000)), Gate::Probe);
  EXPECT_FALSE(holds.check("a", "x", at(1000), kProbe)) << "the probe";
  EXPECT_TRUE(holds.check("a", "x", at(1001), kProbe)) << "one is enough";
  EXPECT_FALSE(holds.check("a", "x", at(1100), kProbe)) << "the first was lost";
  holds.add_misconfigured("a", "x", "http_401", at(2000));
  EXPECT_TRUE(holds.check("a", "x", at(1200), kProbe));
  holds.end_misconfigured("a", "x");
  EXPECT_EQ(holds.look("a", "x", at(1201)), Gate::Open);
}

TEST(Holds, AReloadForgetsReportsThatNoPauseHasTakenOver) {
  Holds holds;
  holds.add_misconfigured("a", "x", "http_401", at(1000));
  holds.add_gone("b", "x", "http_410");
  holds.add_gone("c", "x", "http_410");
  holds.set_pauses({{"c", "x", "gone"}, {"d", "", ""}});
  holds.forget_reports();
  EXPECT_FALSE(holds.check("a", "x", at(0), kProbe));
  EXPECT_FALSE(holds.check("b", "x", at(0), kProbe));
  EXPECT_TRUE(holds.check("c", "x", at(0), kProbe));
  EXPECT_TRUE(holds.check("d", "x", at(0), kProbe));
}

}  // namespace
}  // namespace observerd::delivery
