#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "base/strings.hpp"
#include "plugin/text.hpp"
#include "unit/plugin/fixtures.hpp"

namespace observerd::plugin {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class PluginDelivery : public InBothWays {};
OBSERVERD_IN_BOTH_WAYS(PluginDelivery);

TEST_P(PluginDelivery, HandsOverItemsAndBringsResultsBack) {
  Opened good("good");
  ASSERT_TRUE(good.module->start().ok());
  const auto call = good.deliver({good.item(R"({"a":1})", "first"), good.item("{}", "second")});
  EXPECT_TRUE(call->finished());
  EXPECT_EQ(good.results.of(0).outcome, Outcome::Delivered);
  EXPECT_EQ(good.results.of(0).remote_id, "first");
  EXPECT_EQ(good.results.of(1).remote_id, "second");
  EXPECT_TRUE(good.services.said(R"(2 good: delivered event={"kind":"insert"} settings={"a":1})"));
  EXPECT_EQ(good.services.metric_sum("misbehaved_total/unreported"), 0);
}

TEST_P(PluginDelivery, AnEmptyBatchIsFinished) {
  Opened good("good");
  EXPECT_TRUE(good.deliver({})->finished());
  EXPECT_EQ(good.results.reports(), 0U);
}

TEST_P(PluginDelivery, StopUndoesStart) {
  Opened good("good");
  bool supported = false;
  EXPECT_THAT(good.module->probe(*good.action, supported).to_string(), HasSubstr("not started"));
  EXPECT_TRUE(supported);
  ASSERT_TRUE(good.module->start().ok());
  EXPECT_TRUE(good.module->probe(*good.action, supported).ok());
  good.module->stop();
  good.deliver(good.items(1));
  EXPECT_EQ(good.results.of(0).outcome, Outcome::Misconfigured);
}

TEST_P(PluginDelivery, PreviewSaysWhatWouldBeSent) {
  Opened good("good");
  EXPECT_EQ(good.module->preview(good.item(R"({"a":1})")), R"(would send {"a":1})");
  Opened none("double_reporter");
  EXPECT_EQ(none.module->preview(none.item()), "");
}

TEST_P(PluginDelivery, BindingNamesLaneAndBatch) {
  Opened good("good");
  EXPECT_FALSE(good.action->names_lane());
  EXPECT_FALSE(good.action->lane_key().empty());
  EXPECT_FALSE(good.action->batch_key().empty());
  const auto other = good.module->bind("{}", good.diagnostics);
  EXPECT_NE(other->lane_key(), good.action->lane_key());
  const auto named = good.module->bind(R"({"lane":1})", good.diagnostics);
  EXPECT_TRUE(named->names_lane());
  EXPECT_EQ(named->lane_key(), "https://example.com:443");
  EXPECT_EQ(named->batch_key(), "cluster");
}

TEST_P(PluginDelivery, RefusedSettingsNameTheirPointer) {
  Opened good("good", "", R"({"refuse":1})");
  EXPECT_EQ(good.module, nullptr);
  ASSERT_EQ(good.diagnostics.errors().size(), 2U);
  EXPECT_EQ(good.diagnostics.errors()[0].to_string(), "OB005 /refuse: is refused");
  EXPECT_EQ(good.diagnostics.errors()[1].to_string(), "OB005 and so is the whole");
}

TEST_P(PluginDelivery, AnActionWithProblemsIsUnboundAgain) {
  Opened good("good");
  EXPECT_EQ(good.module->bind(R"({"refuse":1})", good.diagnostics), nullptr);
  EXPECT_TRUE(good.services.said("unbound")) << "bind returned an action and an error";
  EXPECT_EQ(good.module->bind(R"({"silent":1})", good.diagnostics), nullptr);
  EXPECT_THAT(good.diagnostics.errors().back().to_string(), HasSubstr("without saying why"));
}

TEST_P(PluginDelivery, AModuleClosesAfterItsLastAction) {
  RecordingServices* services = nullptr;
  Opened good("good");
  services = &good.services;
  good.module.reset();
  EXPECT_FALSE(services->said("closed"));
  good.action.reset();
  EXPECT_TRUE(services->said("unbound"));
  EXPECT_TRUE(services->said("closed"));
}

TEST_P(PluginDelivery, TheFirstReportOfAnItemCounts) {
  Opened plugin("double_reporter");
  plugin.deliver(plugin.items(3));
  EXPECT_EQ(plugin.results.reports(), 3U);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(plugin.results.reports_of(i), 1U);
    EXPECT_EQ(plugin.results.of(i).code, "first");
  }
  EXPECT_EQ(plugin.services.metric_sum("misbehaved_total/reported_twice"), 3);
  EXPECT_EQ(plugin.services.metric_sum("misbehaved_total/index_out_of_range"), 1);
  EXPECT_TRUE(plugin.services.said("OB017"));
}

TEST_P(PluginDelivery, MisbehaviourDoesNotFloodTheLog) {
  Opened plugin("double_reporter");
  for (int i = 0; i < 100; ++i) plugin.deliver(plugin.items(4));
  EXPECT_EQ(plugin.services.metric_sum("misbehaved_total/reported_twice"), 400);
  EXPECT_LT(plugin.services.lines().size(), 30U);
}

TEST_P(PluginDelivery, WhatIsNeverReportedIsUnknown) {
  Opened plugin("never_reports");
  const auto call = plugin.deliver(plugin.items(2));
  EXPECT_TRUE(call->finished());
  EXPECT_EQ(plugin.results.reports(), 2U);
  EXPECT_EQ(plugin.results.of(1).outcome, Outcome::Unknown);
  EXPECT_THAT(plugin.results.of(1).message, HasSubstr("without a result"));
  EXPECT_EQ(plugin.services.metric_sum("misbehaved_total/unreported"), 1);
}

TEST(PluginDeliveryHere, AReportAfterReturnIsIgnored) {
  Opened plugin("late_reporter");
  ASSERT_TRUE(plugin.module->start().ok());
  auto call = plugin.deliver(plugin.items(2));
  EXPECT_TRUE(call->finished());
  call->cancel();  // the plugin's thread waits for this
  call.reset();
  plugin.module->stop();  // joins it
  EXPECT_EQ(plugin.results.reports(), 2U);
  EXPECT_EQ(plugin.results.of(0).outcome, Outcome::Unknown);
  EXPECT_EQ(plugin.services.metric_sum("misbehaved_total/reported_twice"), 1);
}

TEST_P(PluginDelivery, StrangeResultsAreMadeSafe) {
  Opened plugin("strange_results");
  plugin.deliver(plugin.items(6));
  ASSERT_EQ(plugin.results.reports(), 6U);
  EXPECT_EQ(plugin.results.of(0).outcome, Outcome::Retry) << "an unknown outcome";
  EXPECT_EQ(plugin.results.of(1).outcome, Outcome::Retry) << "no struct_size is not DELIVERED";
  EXPECT_EQ(plugin.results.of(1).code, "malformed_result");
  EXPECT_EQ(plugin.results.of(2).outcome, Outcome::Retry) << "NULL";
  const ItemResult clamped = plugin.results.of(3);
  EXPECT_EQ(clamped.outcome, Outcome::Throttled);
  EXPECT_EQ(clamped.retry_after.count(), 0);
  EXPECT_EQ(clamped.message.size(), 1024U);
  EXPECT_EQ(clamped.code.size(), 64U);
  EXPECT_TRUE(is_valid_utf8(clamped.message));
  EXPECT_EQ(clamped.message.find('\0'), std::string::npos);
  EXPECT_EQ(plugin.results.of(4).retry_after, std::chrono::hours(24 * 366));
  EXPECT_EQ(plugin.results.of(5).code, "") << "beyond the result's struct_size";
  EXPECT_EQ(plugin.services.metric_sum("misbehaved_total/unknown_outcome"), 1);
  EXPECT_EQ(plugin.services.metric_sum("misbehaved_total/malformed_result"), 2);
}

TEST_P(PluginDelivery, ExceptionsThroughTheBoundaryAreCaught) {
  Opened plugin("throws");
  ASSERT_NE(plugin.action, nullptr);
  EXPECT_THAT(plugin.module->start().to_string(), HasSubstr("OB017"));
  plugin.deliver(plugin.items(2));
  EXPECT_EQ(plugin.results.of(0).outcome, Outcome::Delivered);
  EXPECT_EQ(plugin.results.of(1).outcome, Outcome::Unknown);
  EXPECT_THAT(plugin.results.of(1).message, HasSubstr("exception"));
  bool supported = false;
  EXPECT_FALSE(plugin.module->probe(*plugin.action, supported).ok());
  EXPECT_EQ(plugin.module->preview(plugin.item()), "");
  EXPECT_EQ(plugin.module->bind(R"({"2":2})", plugin.diagnostics), nullptr);
  EXPECT_THAT(plugin.diagnostics.errors().back().to_string(), HasSubstr("exception"));
  plugin.module->stop();
  plugin.action.reset();
  plugin.module.reset();
  EXPECT_EQ(plugin.services.metric_sum("misbehaved_total/exception"), 8);
  Opened refused("throws", "", R"({"1":1})");
  EXPECT_EQ(refused.module, nullptr);
}

TEST_P(PluginDelivery, CancelWakesAPluginThatWaits) {
  Opened plugin("hangs");
  const auto call = plugin.deliver(plugin.items(2),
                                   [](const std::shared_ptr<Call>& started) { started->cancel(); });
  EXPECT_TRUE(call->finished());
  EXPECT_EQ(plugin.results.of(0).outcome, Outcome::Cancelled);
  EXPECT_EQ(plugin.results.reports(), 2U);
}

// A plugin that neither returns nor looks at its cancellation: it logs, and the host's log blocks.
class PluginStuck : public ::testing::Test {
 protected:
  PluginStuck() : plugin_("good") {
    plugin_.services.on_log = [this] {
      if (entered_.exchange(true)) return;
      inside_.set_value();
      released_.get_future().wait();
    };
    thread_ = std::thread([this] {
      plugin_.deliver(plugin_.items(1),
                      [this](const std::shared_ptr<Call>& call) { call_ = call; });
    });
    inside_.get_future().wait();
  }
  ~PluginStuck() override { release(); }
  void release() {
    if (!thread_.joinable()) return;
    released_.set_value();
    thread_.join();
  }

  std::atomic<bool> entered_{false};
  std::promise<void> inside_, released_;
  Opened plugin_;
  std::shared_ptr<Call> call_;
  std::thread thread_;
};

TEST_F(PluginStuck, CanBeGivenUpFromAnotherThread) {
  EXPECT_FALSE(call_->finished());
  EXPECT_EQ(plugin_.module->abandoned(), 0U);
  call_->give_up("stuck");
  EXPECT_TRUE(call_->finished());
  EXPECT_EQ(plugin_.results.of(0).outcome, Outcome::Unknown);
  EXPECT_EQ(plugin_.results.of(0).message, "stuck");
  EXPECT_EQ(plugin_.module->abandoned(), 1U);
  release();
  EXPECT_EQ(plugin_.results.reports(), 1U) << "its late report is ignored";
  EXPECT_EQ(plugin_.module->abandoned(), 0U);
}

TEST_F(PluginStuck, IsNotClosedWhileDeliverRuns) {
  call_->give_up("stuck");
  plugin_.module->stop();
  plugin_.action.reset();
  plugin_.module.reset();
  EXPECT_FALSE(plugin_.services.said("closed"));
  EXPECT_FALSE(plugin_.services.said("unbound"));
  release();
  EXPECT_TRUE(plugin_.services.said("unbound"));
  EXPECT_TRUE(plugin_.services.said("closed"));
}

TEST_F(PluginStuck, WhatIsGivenUpBeforeItsTurnNeverReachesThePlugin) {
  std::promise<std::shared_ptr<Call>> second;
  std::thread waiting([&] {
    plugin_.deliver(plugin_.items(1),
                    [&](const std::shared_ptr<Call>& call) { second.set_value(call); });
  });
  second.get_future().get()->give_up("too late");
  release();
  waiting.join();
  EXPECT_EQ(plugin_.results.reports(), 2U);
  int delivered = 0;
  for (const std::string& line : plugin_.services.lines()) {
    delivered += line.find("good: delivered") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(delivered, 1);
}

TEST(PluginText, IsCutBetweenCharactersAndRepaired) {
  const struct {
    std::string_view in;
    std::size_t most;
    std::string_view out;
  } cases[] = {
      {"", 10, ""},
      {"plain", 10, "plain"},
      {"plain", 3, "pla"},
      {"a\xC3\xA9z", 2, "a"},
      {"a\xC3\xA9z", 3, "a\xC3\xA9"},
      {"\xFFz", 10, "\xEF\xBF\xBDz"},
      {"\xC3", 10, "\xEF\xBF\xBD"},
      {"\xF0\x9F\x98\x80", 4, "\xF0\x9F\x98\x80"},
      {"\xF0\x9F\x98", 20, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"\xED\xA0\x80", 20, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {std::string_view("a\0b", 3), 10,
       "a\xEF\xBF\xBD"
       "b"},
  };
  for (const auto& [in, most, out] : cases) EXPECT_EQ(clean_text(to_str(in), most), out) << in;
  EXPECT_EQ(clean_text({nullptr, 5}, 10), "");
}

}  // namespace
}  // namespace observerd::plugin
