#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "plugin/keep_alive.hpp"
#include "support/eventually.hpp"
#include "unit/plugin/fixtures.hpp"

namespace observerd::plugin {
namespace {

using ::testing::HasSubstr;

class PluginAsync : public InBothWays {};
OBSERVERD_IN_BOTH_WAYS(PluginAsync);

TEST_P(PluginAsync, ReportsAfterDeliverReturned) {
  Opened plugin("async");
  ASSERT_TRUE(plugin.module->start().ok());
  EXPECT_TRUE(plugin.module->type().async);
  plugin.deliver({plugin.item("{}", "a"), plugin.item("{}", "b")});
  ASSERT_TRUE(plugin.results.wait_for(2));
  EXPECT_EQ(plugin.results.of(1).remote_id, "b");
  EXPECT_EQ(plugin.services.metric_sum("misbehaved_total/unreported"), 0);
}

TEST_P(PluginAsync, ADroppedItemIsRetried) {
  Opened plugin("async");
  ASSERT_TRUE(plugin.module->start().ok());
  plugin.deliver({plugin.item(R"("drop")")});
  ASSERT_TRUE(plugin.results.wait_for(1));
  EXPECT_EQ(plugin.results.of(0).outcome, Outcome::Retry);
  EXPECT_EQ(plugin.results.of(0).code, "not_reported");
}

TEST_P(PluginAsync, AReportAfterGivingUpIsIgnored) {
  Opened plugin("async");
  ASSERT_TRUE(plugin.module->start().ok());
  const auto call = plugin.deliver({plugin.item(R"("hold")"), plugin.item(R"("hold")")});
  EXPECT_FALSE(call->finished());
  call->give_up("deadline");  // cancels, so the plugin reports CANCELLED now
  EXPECT_TRUE(call->finished());
  plugin.module->stop();
  EXPECT_EQ(plugin.results.reports(), 2U);
  EXPECT_EQ(plugin.results.of(0).outcome, Outcome::Unknown);
  EXPECT_EQ(plugin.results.of(1).message, "deadline");
  EXPECT_EQ(plugin.module->abandoned(), 0U);
}

// However late the plugin comes to what was handed over, its stop comes later.
TEST_P(PluginAsync, WhatWasHandedOverBeforeAStopIsReportedBeforeItReturns) {
  Opened plugin("async");
  for (int round = 0; round < 100; ++round) {
    ASSERT_TRUE(plugin.module->start().ok());
    Results results;
    const auto call = plugin.module->deliver({plugin.item(R"("hold")"), plugin.item(R"("hold")")},
                                             std::chrono::steady_clock::now(), results.report());
    call->give_up("deadline");
    plugin.module->stop();
    ASSERT_EQ(plugin.module->abandoned(), 0U) << "round " << round;
    ASSERT_EQ(results.reports(), 2U);
  }
}

TEST(PluginAsyncHere, WhatItNeverReportsStaysInPlaceAndIsCounted) {
  const std::size_t kept = kept_alive();
  {
    Opened plugin("async");
    ASSERT_TRUE(plugin.module->start().ok());
    const auto call = plugin.deliver({plugin.item(R"("lose")")});
    EXPECT_EQ(plugin.module->abandoned(), 0U);
    plugin.module->stop();
    EXPECT_TRUE(call->finished());
    EXPECT_THAT(plugin.results.of(0).message, HasSubstr("stopped without a result"));
    EXPECT_EQ(plugin.module->abandoned(), 1U);
    EXPECT_EQ(plugin.services.metric_sum("misbehaved_total/unreported"), 1);
  }
  EXPECT_EQ(kept_alive(), kept + 2) << "the host table of the module, and the module";
}

TEST_P(PluginAsync, ABatchOutlivesItsCaller) {
  Opened plugin("async");
  ASSERT_TRUE(plugin.module->start().ok());
  for (int i = 0; i < 200; ++i) plugin.deliver(plugin.items(5));  // the Call is dropped at once
  ASSERT_TRUE(plugin.results.wait_for(1000));
  plugin.module->stop();
  EXPECT_EQ(plugin.results.reports(), 1000U);
}

// Reports, cancels and giving up race for each item: each is settled exactly once.
TEST_P(PluginAsync, EachItemIsSettledOnceWhoeverWins) {
  Opened plugin("async");
  ASSERT_TRUE(plugin.module->start().ok());
  for (int round = 0; round < 300; ++round) {
    Results results;
    const auto call =
        plugin.module->deliver(plugin.items(8), std::chrono::steady_clock::now(), results.report());
    std::thread watchdog([&] { call->give_up("race"); });
    call->cancel();
    watchdog.join();
    ASSERT_TRUE(results.wait_for(8));
    ASSERT_TRUE(observerd::testing::eventually([&] { return call->finished(); }));
    for (std::uint32_t i = 0; i < 8; ++i) ASSERT_EQ(results.reports_of(i), 1U);
    ASSERT_EQ(results.reports(), 8U);
  }
}

}  // namespace
}  // namespace observerd::plugin
